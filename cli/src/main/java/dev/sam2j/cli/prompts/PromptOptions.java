package dev.sam2j.cli.prompts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.files.PathArgument;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.PromptException;
import dev.sam2j.predictors.image.Picture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/**
 * What the user says about the objects wanted. Coordinates are pixels, (0, 0) is the upper left corner of the picture.
 */
public final class PromptOptions {
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
            paramLabel = "FILE|FOLDER|-",
            converter = PathArgument.OrStdin.class,
            description = "Boxes from a file, a folder with a file for each picture, or standard input; one object per "
                    + "box: JSON [[x0,y0,x1,y1], ...], COCO annotations or detections, LabelMe, Pascal VOC, YOLO lines "
                    + "or a table with commas.")
    private Path boxesFile;

    @Option(
            names = "--clip-boxes",
            description = "Cut boxes of --boxes at the border of the picture (default: take them as they are).")
    private boolean clipBoxes;

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
     * @param annotation its id in a file of boxes, or null
     * @param category id or name of its class in a file of boxes, or null
     */
    public record Target(Prompt prompt, JsonNode annotation, JsonNode category) {}

    /**
     * Checks what can be checked before anything is read.
     *
     * @throws CliException if nothing is said, or points or a mask go with several boxes, or both the picture and its
     *     boxes come from standard input
     */
    public void check(Path picture) {
        if (boxesFile != null && InputFile.isStdin(boxesFile) && InputFile.isStdin(picture)) {
            throw CliException.usage("standard input cannot be both the picture and its boxes");
        }
        if (points.isEmpty() && boxes.isEmpty() && boxesFile == null && maskFile == null) {
            throw CliException.usage(
                    "say what to segment: --point X,Y, --box X0,Y0,X1,Y1, --boxes FILE.json or --mask-input FILE");
        }
        if (boxesFile == null && (imageId != null || clipBoxes)) {
            throw CliException.usage((imageId != null ? "--image-id" : "--clip-boxes") + " goes with --boxes");
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
     * Checks what cannot be said of several pictures.
     *
     * @throws CliException if a mask is given, or the id of one picture
     */
    public void checkForMany() {
        if (maskFile != null || imageId != null) {
            throw CliException.usage(
                    (maskFile != null ? "--mask-input" : "--image-id") + " goes with one picture, not with a folder");
        }
    }

    /** Adds what was said about every picture to a record of settings. */
    public void addTo(ObjectNode settings) {
        settings.put("points", points.toString());
        settings.put("boxes", boxes.toString());
        settings.put("clip_boxes", clipBoxes);
    }

    /**
     * Reads the file of boxes, or returns null if there is none.
     *
     * @param pictures whose boxes are wanted
     * @throws CliException if the file cannot be used
     */
    public BoxesFile boxes(List<Path> pictures) {
        if (boxesFile == null) {
            return null;
        }
        return BoxesFile.read(boxesFile, pictures, imageId);
    }

    /**
     * The objects wanted in a picture.
     *
     * @param list what the file of boxes says of the picture; not looked at if there is no such file
     * @param turned tells whether the picture was turned by its EXIF orientation
     * @throws PromptException if a prompt lies outside the picture
     * @throws CliException if the boxes of the file cannot be used
     */
    public BoxList.Checked targets(Picture picture, BoxList list, BooleanSupplier turned) {
        List<Target> targets = new ArrayList<>();
        boxes.forEach(box -> targets.add(target(box)));
        if (targets.isEmpty() && boxesFile == null) {
            targets.add(target(null));
        }
        targets.forEach(target -> target.prompt().requireInside(picture.width(), picture.height()));
        if (boxesFile == null) {
            return new BoxList.Checked(targets, List.of(), null);
        }
        BoxList.Checked checked = list.check(picture, clipBoxes, turned);
        targets.addAll(checked.targets());
        return new BoxList.Checked(targets, checked.skipped(), checked.note());
    }

    private Target target(Prompt.Box box) {
        Prompt prompt = Prompt.NONE.withPoints(points);
        return new Target(box == null ? prompt : prompt.withBox(box.x0(), box.y0(), box.x1(), box.y1()), null, null);
    }

    /** The coarse mask, or null. */
    public MaskInput maskInput(Picture picture, Console console) {
        return maskFile == null ? null : MaskInput.read(maskFile, picture, console);
    }

    /** Reads {@code x,y} and {@code x,y,label}. */
    public static final class PointText implements ITypeConverter<Prompt.Point> {
        @Override
        public Prompt.Point convert(String text) {
            String[] parts = text.split(",", -1);
            if (parts.length != 2 && parts.length != 3) {
                throw CliException.usage("--point: expected X,Y or X,Y,LABEL, got '" + text + "'");
            }
            String label = parts.length == 3 ? parts[2].strip() : "1";
            if (!label.equals("0") && !label.equals("1")) {
                throw CliException.usage("--point: the label must be 1 (on the object) or 0 (beside it), got '" + text
                        + "'" + (label.equals("2") || label.equals("3") ? "; corners of a box go to --box" : ""));
            }
            return new Prompt.Point(
                    coordinate("--point", parts[0], text), coordinate("--point", parts[1], text), label.equals("1"));
        }
    }

    /** Reads {@code x0,y0,x1,y1}. */
    public static final class BoxText implements ITypeConverter<Prompt.Box> {
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
