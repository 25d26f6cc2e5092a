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

    /** One value of an option, a step with a single point, box or mask. */
    private record Said(long order, TrackStep step) {}

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
        said.forEach(value -> add(value.step(), steps));
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
    private static void add(TrackStep said, List<TrackStep> steps) {
        int at = steps.size() - 1;
        while (at >= 0 && !isAboutTheSame(steps.get(at), said)) {
            at--;
        }
        if (at < 0 || !(steps.get(at) instanceof TrackStep.Clicks before) || !(said instanceof TrackStep.Clicks more)) {
            steps.add(said);
            return;
        }
        Prompt.Box box = more.prompt().box();
        if (box != null && before.prompt().box() != null) {
            throw CliException.usage("--box: object " + said.object() + " has two boxes on frame " + said.frame()
                    + ", give them different objects");
        }
        Prompt joined = box == null
                ? before.prompt().with(more.prompt().points().get(0))
                : before.prompt().withBox(box.x0(), box.y0(), box.x1(), box.y1());
        steps.set(at, new TrackStep.Clicks(said.frame(), said.object(), joined, true));
    }

    private static boolean isAboutTheSame(TrackStep one, TrackStep other) {
        return one.frame().equals(other.frame()) && one.object().equals(other.object());
    }

    /** Reads {@code frame,object,x,y[,label]}. */
    static final class PointText implements ITypeConverter<Said> {
        @Override
        public Said convert(String text) {
            return said(
                    "--point",
                    "FRAME,OBJECT,X,Y or FRAME,OBJECT,X,Y,LABEL",
                    text,
                    (frame, object, point) -> new TrackStep.Clicks(
                            frame, object, Prompt.NONE.with(new PromptOptions.PointText().convert(point)), true));
        }
    }

    /** Reads {@code frame,object,x0,y0,x1,y1}. */
    static final class BoxText implements ITypeConverter<Said> {
        @Override
        public Said convert(String text) {
            return said("--box", "FRAME,OBJECT,X0,Y0,X1,Y1", text, (frame, object, sides) -> {
                Prompt.Box box = new PromptOptions.BoxText().convert(sides);
                Prompt prompt = Prompt.box(box.x0(), box.y0(), box.x1(), box.y1());
                return new TrackStep.Clicks(frame, object, prompt, true);
            });
        }
    }

    /** Reads {@code frame,object,file}. */
    static final class MaskText implements ITypeConverter<Said> {
        @Override
        public Said convert(String text) {
            return said(
                    "--mask",
                    "FRAME,OBJECT,FILE",
                    text,
                    (frame, object, file) -> new TrackStep.Pixels(frame, object, Path.of(file)));
        }
    }

    /** Makes a step of what is said about an object on a frame. */
    private interface About {
        TrackStep step(int frame, ObjectName object, String said);
    }

    private static Said said(String option, String form, String text, About about) {
        String[] parts = text.split(",", 3);
        if (parts.length != 3 || parts[2].isBlank()) {
            throw CliException.usage(option + ": expected " + form + ", got '" + text + "'");
        }
        int frame;
        try {
            frame = Integer.parseInt(parts[0].strip());
        } catch (NumberFormatException e) {
            throw CliException.usage(option + ": the frame must be a whole number, got '" + text + "'");
        }
        if (frame < 0) {
            throw CliException.usage(option + ": frames count from 0, got '" + text + "'");
        }
        ObjectName object;
        try {
            object = ObjectName.parse(parts[1]);
        } catch (IllegalArgumentException e) {
            throw CliException.usage(option + ": the object: " + e.getMessage() + " in '" + text + "'");
        }
        return new Said(ORDER.getAndIncrement(), about.step(frame, object, parts[2]));
    }
}
