package dev.sam2j.cli.track;

import dev.sam2j.cli.prompts.PromptOptions;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.video.Propagation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** What the user says about the objects to track. Frames count from 0, coordinates are pixels. */
final class TrackPromptOptions {
    /** Numbers values in the order of the command line, which options of several names do not keep. */
    private static final AtomicLong ORDER = new AtomicLong();

    @Option(
            names = "--point",
            paramLabel = "FRAME,OBJECT,X,Y[,LABEL]",
            converter = PointText.class,
            description = "A point on an object (label 1, the default) or beside it (label 0); repeatable. Objects are "
                    + "numbers or names of your choice.")
    private List<Said> points = new ArrayList<>();

    @Option(
            names = "--box",
            paramLabel = "FRAME,OBJECT,X0,Y0,X1,Y1",
            converter = BoxText.class,
            description = "A box around an object; repeatable, and may be combined with points.")
    private List<Said> boxes = new ArrayList<>();

    @Option(
            names = "--mask",
            paramLabel = "FRAME,OBJECT,FILE",
            converter = MaskText.class,
            description = "The pixels of an object: a picture of the video's size, light on black; repeatable.")
    private List<Said> masks = new ArrayList<>();

    @Option(
            names = "--direction",
            paramLabel = "WAY",
            description = "From the earliest prompt forward (the default) to the end of the video, backward to its "
                    + "start, or both.")
    private Direction direction;

    @Option(
            names = "--prompts",
            paramLabel = "FILE.json",
            description = "An ordered list of steps in place of these options: prompt, mask, propagate, clear, remove "
                    + "and reset; see the README.")
    private Path stepsFile;

    /** Where tracking goes from the earliest prompt. */
    enum Direction {
        FORWARD,
        BACKWARD,
        BOTH
    }

    /** One value of an option. */
    private record Said(long order, int frame, ObjectName object, Prompt.Point point, Prompt.Box box, Path mask) {}

    /**
     * All steps: those of the file, or the prompts in the order of the command line and tracking from the earliest.
     *
     * @throws CliException if nothing is said, too much is, or the file cannot be used
     */
    List<TrackStep> steps() {
        List<Said> said = new ArrayList<>(points);
        said.addAll(boxes);
        said.addAll(masks);
        if (stepsFile != null) {
            if (!said.isEmpty() || direction != null) {
                throw CliException.usage("--prompts cannot be combined with --point, --box, --mask and --direction");
            }
            return StepsFile.read(stepsFile);
        }
        if (said.isEmpty()) {
            throw CliException.usage("say what to track: --point FRAME,OBJECT,X,Y, --box FRAME,OBJECT,X0,Y0,X1,Y1, "
                    + "--mask FRAME,OBJECT,FILE or --prompts FILE.json");
        }
        said.sort(Comparator.comparingLong(Said::order));
        List<TrackStep> steps = new ArrayList<>();
        said.forEach(value -> add(value, steps));
        if (direction != Direction.BACKWARD) {
            steps.add(new TrackStep.Propagate(Propagation.Range.FORWARD));
        }
        if (direction == Direction.BACKWARD || direction == Direction.BOTH) {
            steps.add(new TrackStep.Propagate(Propagation.Range.BACKWARD));
        }
        return steps;
    }

    /**
     * Points and a box of one object on one frame become one prompt, unless a mask comes between: it replaces what was
     * said before, and what follows corrects it.
     */
    private static void add(Said said, List<TrackStep> steps) {
        if (said.mask() != null) {
            steps.add(new TrackStep.Pixels(said.frame(), said.object(), said.mask()));
            return;
        }
        int at = lastAbout(said, steps);
        if (at < 0 || !(steps.get(at) instanceof TrackStep.Clicks clicks)) {
            steps.add(new TrackStep.Clicks(said.frame(), said.object(), joined(Prompt.NONE, said), true));
            return;
        }
        if (said.box() != null && clicks.prompt().box() != null) {
            throw CliException.usage("--box: object " + said.object() + " has two boxes on frame " + said.frame()
                    + ", give them different objects");
        }
        steps.set(at, new TrackStep.Clicks(said.frame(), said.object(), joined(clicks.prompt(), said), true));
    }

    /** The last step about the same object on the same frame, or -1. */
    private static int lastAbout(Said said, List<TrackStep> steps) {
        for (int i = steps.size() - 1; i >= 0; i--) {
            boolean same = steps.get(i) instanceof TrackStep.Clicks clicks
                    ? clicks.frame() == said.frame() && clicks.object().equals(said.object())
                    : steps.get(i) instanceof TrackStep.Pixels pixels
                            && pixels.frame() == said.frame()
                            && pixels.object().equals(said.object());
            if (same) {
                return i;
            }
        }
        return -1;
    }

    private static Prompt joined(Prompt prompt, Said said) {
        Prompt.Box box = said.box();
        return box == null ? prompt.with(said.point()) : prompt.withBox(box.x0(), box.y0(), box.x1(), box.y1());
    }

    /** Reads {@code frame,object,x,y[,label]}. */
    static final class PointText implements ITypeConverter<Said> {
        @Override
        public Said convert(String text) {
            String[] parts = text.split(",", 3);
            requireParts("--point", "FRAME,OBJECT,X,Y or FRAME,OBJECT,X,Y,LABEL", parts, text);
            Prompt.Point point = new PromptOptions.PointText().convert(parts[2]);
            return said("--point", parts, text, point, null, null);
        }
    }

    /** Reads {@code frame,object,x0,y0,x1,y1}. */
    static final class BoxText implements ITypeConverter<Said> {
        @Override
        public Said convert(String text) {
            String[] parts = text.split(",", 3);
            requireParts("--box", "FRAME,OBJECT,X0,Y0,X1,Y1", parts, text);
            return said("--box", parts, text, null, new PromptOptions.BoxText().convert(parts[2]), null);
        }
    }

    /** Reads {@code frame,object,file}. */
    static final class MaskText implements ITypeConverter<Said> {
        @Override
        public Said convert(String text) {
            String[] parts = text.split(",", 3);
            requireParts("--mask", "FRAME,OBJECT,FILE", parts, text);
            return said("--mask", parts, text, null, null, Path.of(parts[2]));
        }
    }

    private static void requireParts(String option, String form, String[] parts, String text) {
        if (parts.length != 3 || parts[2].isBlank()) {
            throw CliException.usage(option + ": expected " + form + ", got '" + text + "'");
        }
    }

    private static Said said(
            String option, String[] parts, String text, Prompt.Point point, Prompt.Box box, Path mask) {
        int frame = number(option, "frame", parts[0], text);
        ObjectName object = object(option, parts[1], text);
        if (frame < 0) {
            throw CliException.usage(option + ": frames count from 0, got '" + text + "'");
        }
        return new Said(ORDER.getAndIncrement(), frame, object, point, box, mask);
    }

    private static ObjectName object(String option, String part, String text) {
        try {
            return ObjectName.parse(part);
        } catch (IllegalArgumentException e) {
            throw CliException.usage(option + ": the object: " + e.getMessage() + " in '" + text + "'");
        }
    }

    private static int number(String option, String what, String part, String text) {
        try {
            return Integer.parseInt(part.strip());
        } catch (NumberFormatException e) {
            throw CliException.usage(option + ": the " + what + " must be a whole number, got '" + text + "'");
        }
    }
}
