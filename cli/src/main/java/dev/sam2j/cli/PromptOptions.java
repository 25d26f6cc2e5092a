package dev.sam2j.cli;

import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.PromptException;
import dev.sam2j.predictors.image.Picture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/**
 * What the user says about the objects wanted. Coordinates are pixels, (0, 0) is the upper left corner of the picture.
 */
final class PromptOptions {
    @Option(
            names = "--point",
            paramLabel = "X,Y[,LABEL]",
            converter = PointText.class,
            description = "A point on the object (label 1, the default) or beside it (label 0), in pixels; repeatable, "
                    + "all for one object.")
    private List<Prompt.Point> points = new ArrayList<>();

    @Option(
            names = "--box",
            paramLabel = "X0,Y0,X1,Y1",
            converter = BoxText.class,
            description = "A box around an object, in pixels; repeatable, one object per box.")
    private List<Prompt.Box> boxes = new ArrayList<>();

    @Option(
            names = "--boxes",
            paramLabel = "FILE.json",
            description =
                    "Boxes from a file: [[x0,y0,x1,y1], ...], COCO annotations or COCO detections; one object per box.")
    private Path boxesFile;

    @Option(
            names = "--image-id",
            paramLabel = "ID",
            description = "The picture's image_id in a COCO file of several pictures (default: found by file name).")
    private String imageId;

    @Option(
            names = "--mask-input",
            paramLabel = "FILE",
            description = "A coarse mask of the object: a picture of the same size, light on black, or logits "
                    + "as --logits writes them.")
    private Path maskFile;

    /**
     * One object to segment.
     *
     * @param prompt what was said about it, without the coarse mask
     * @param box where its box came from, or null if it has none
     */
    record Target(Prompt prompt, BoxesFile.Entry box) {}

    /**
     * Checks what can be checked before anything is read.
     *
     * @throws CliException if nothing is said, or points or a mask go with several boxes
     */
    void check() {
        if (points.isEmpty() && boxes.isEmpty() && boxesFile == null && maskFile == null) {
            throw CliException.usage(
                    "say what to segment: --point X,Y, --box X0,Y0,X1,Y1, --boxes FILE.json or --mask-input FILE");
        }
        if (imageId != null && boxesFile == null) {
            throw CliException.usage("--image-id goes with --boxes");
        }
        if (boxes.size() > 1 || boxesFile != null) {
            if (!points.isEmpty()) {
                throw CliException.usage("points can be combined with one box, not with several");
            }
            if (maskFile != null) {
                throw CliException.usage("--mask-input can be combined with one box, not with several");
            }
        }
    }

    /**
     * The objects wanted in a picture.
     *
     * @param name the picture's file name, to find its boxes in a file of several pictures
     * @throws PromptException if a prompt lies outside the picture
     * @throws CliException if the file of boxes cannot be used
     */
    List<Target> targets(Picture picture, String name) {
        List<Target> targets = new ArrayList<>();
        for (Prompt.Box box : boxes) {
            targets.add(target(new BoxesFile.Entry(box, null, null)));
        }
        if (targets.isEmpty() && boxesFile == null) {
            targets.add(target(null));
        }
        for (Target target : targets) {
            target.prompt().requireInside(picture.width(), picture.height());
        }
        if (boxesFile != null) {
            for (BoxesFile.Entry entry : BoxesFile.read(boxesFile, name, imageId, picture.width(), picture.height())) {
                targets.add(target(entry));
            }
        }
        return targets;
    }

    private Target target(BoxesFile.Entry entry) {
        Prompt prompt = Prompt.NONE;
        for (Prompt.Point point : points) {
            prompt = prompt.with(point);
        }
        if (entry != null) {
            Prompt.Box box = entry.box();
            prompt = prompt.withBox(box.x0(), box.y0(), box.x1(), box.y1());
        }
        return new Target(prompt, entry);
    }

    /** The coarse mask, or null. */
    MaskInput maskInput(Picture picture, Console console) {
        return maskFile == null ? null : MaskInput.read(maskFile, picture, console);
    }

    /** Reads {@code x,y} and {@code x,y,label}. */
    static final class PointText implements ITypeConverter<Prompt.Point> {
        @Override
        public Prompt.Point convert(String text) {
            String[] parts = text.split(",", -1);
            if (parts.length != 2 && parts.length != 3) {
                throw CliException.usage("--point: expected X,Y or X,Y,LABEL, got '" + text + "'");
            }
            String label = parts.length == 3 ? parts[2].strip() : "1";
            if (!label.equals("0") && !label.equals("1")) {
                throw CliException.usage(
                        "--point: the label must be 1 (on the object) or 0 (beside it), got '" + text + "'");
            }
            return new Prompt.Point(
                    coordinate("--point", parts[0], text), coordinate("--point", parts[1], text), label.equals("1"));
        }
    }

    /** Reads {@code x0,y0,x1,y1}. */
    static final class BoxText implements ITypeConverter<Prompt.Box> {
        @Override
        public Prompt.Box convert(String text) {
            String[] parts = text.split(",", -1);
            if (parts.length != 4) {
                throw CliException.usage("--box: expected X0,Y0,X1,Y1, got '" + text + "'");
            }
            float[] sides = new float[4];
            for (int i = 0; i < 4; i++) {
                sides[i] = coordinate("--box", parts[i], text);
            }
            return new Prompt.Box(sides[0], sides[1], sides[2], sides[3]);
        }
    }

    private static float coordinate(String option, String part, String text) {
        float value;
        try {
            value = Float.parseFloat(part.strip());
        } catch (NumberFormatException e) {
            value = Float.NaN;
        }
        if (!Float.isFinite(value)) {
            throw CliException.usage(option + ": coordinates must be finite numbers, got '" + text + "'");
        }
        return value;
    }
}
