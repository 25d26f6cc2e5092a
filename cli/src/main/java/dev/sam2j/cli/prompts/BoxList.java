package dev.sam2j.cli.prompts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.image.Picture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The objects that a file names in one picture, as they stand there. What is wrong with a single one is kept beside it,
 * so that it does not stop the others.
 */
public final class BoxList {
    /** Most objects of one picture. */
    private static final int MAX = 100_000;
    /** Most objects named in messages. */
    private static final int MAX_TOLD = 10;

    private final InputFile file;
    private final boolean normalized;
    private final List<Entry> entries = new ArrayList<>();
    private String pictureName;
    private double width;
    private double height;

    /**
     * An empty list.
     *
     * @param normalized whether coordinates are fractions of the picture's width and height
     */
    BoxList(InputFile file, boolean normalized) {
        this.file = file;
        this.normalized = normalized;
    }

    /**
     * An object of the file.
     *
     * @param where its place, such as {@code annotation 7}
     * @param xy corners of its box, or a point on it; null if there is neither
     * @param id of the annotation, or null
     * @param category id or name of the object's class, or null
     * @param problem why it cannot be used, or null
     */
    private record Entry(String where, double[] xy, JsonNode id, JsonNode category, String problem) {}

    /**
     * An object that cannot be answered.
     *
     * @param where its place in the file
     * @param id of the annotation, or null
     */
    public record Skipped(String where, JsonNode id, String problem) {
        /** Writes it down for a result. */
        public void describe(ObjectNode node) {
            node.put("object", where);
            if (id != null) {
                node.set("annotation_id", id);
            }
            node.put("reason", problem);
        }
    }

    /**
     * What a picture is asked.
     *
     * @param note something to know about the boxes, or null
     */
    public record Checked(List<PromptOptions.Target> targets, List<Skipped> skipped, String note) {
        /** Tells of what is left out, and the note. */
        public void tell(Console console) {
            for (Skipped object : skipped.subList(0, Math.min(MAX_TOLD, skipped.size()))) {
                console.say(object.where() + " is left out: " + object.problem());
            }
            if (skipped.size() > MAX_TOLD) {
                console.say("as are " + (skipped.size() - MAX_TOLD) + " more, which result.json names");
            }
            if (note != null) {
                console.say(note);
            }
        }
    }

    /** Notes what the file says of the picture itself; 0 where it says nothing. */
    void describe(String name, double pictureWidth, double pictureHeight) {
        this.pictureName = name;
        this.width = pictureWidth > 0 ? pictureWidth : 0;
        this.height = pictureHeight > 0 ? pictureHeight : 0;
    }

    /**
     * The only list of its file.
     *
     * @return it, with the picture of these that it is about
     * @throws CliException if it is about another picture, or there are several pictures and it does not say which
     */
    Map<Path, BoxList> of(List<Path> pictures) {
        if (pictures.size() == 1 && (pictureName == null || InputFile.isStdin(pictures.get(0)))) {
            return Map.of(pictures.get(0), this);
        }
        if (pictureName == null) {
            throw file.failure("it is about one picture and does not say which of " + pictures.size()
                    + "; name a folder with a file for each");
        }
        CocoImages images = new CocoImages(file, pictures);
        images.add(new CocoImages.Image("", pictureName, width, height));
        for (Path picture : pictures) {
            if (images.of(picture) != null) {
                return Map.of(picture, this);
            }
        }
        throw file.failure("it is about " + pictureName + ", not " + BoxesFile.named(pictures));
    }

    /** Adds the corners of a box, or a point. */
    void add(String where, double[] xy, JsonNode id, JsonNode category) {
        add(new Entry(where, xy, id, category, null));
    }

    /** Adds an object that has no usable box. */
    void addProblem(String where, JsonNode id, String problem) {
        add(new Entry(where, null, id, null, problem));
    }

    private void add(Entry entry) {
        if (entries.size() == MAX) {
            throw file.failure("there are more boxes of one picture than the limit of " + MAX);
        }
        entries.add(entry);
    }

    /** Shows everything that results depend on, in a fixed order. */
    public void forEachText(Consumer<String> reader) {
        reader.accept(normalized + " " + width + " " + height);
        for (Entry entry : entries) {
            reader.accept(entry.where() + Arrays.toString(entry.xy()) + entry.id() + entry.category());
        }
    }

    /** Number of objects. */
    int size() {
        return entries.size();
    }

    /**
     * The prompts for a picture.
     *
     * @param clip whether boxes are cut where they reach beyond the picture
     * @param turned tells whether the picture was turned by its EXIF orientation
     * @throws CliException if the file speaks of a picture of another size, or no box can be used
     */
    public Checked check(Picture picture, boolean clip, BooleanSupplier turned) {
        requireSize(picture, turned);
        requirePixels();
        List<PromptOptions.Target> targets = new ArrayList<>();
        List<Skipped> skipped = new ArrayList<>();
        List<String> beyond = new ArrayList<>();
        for (Entry entry : entries) {
            float[] xy = entry.xy() == null ? null : scaled(entry.xy(), picture);
            String problem = entry.problem() != null ? entry.problem() : problem(xy, picture);
            if (problem != null) {
                skipped.add(new Skipped(entry.where(), entry.id(), problem));
                continue;
            }
            float[] inside = clipped(xy, picture);
            if (xy.length == 4 && !Arrays.equals(xy, inside)) {
                beyond.add(entry.where());
            }
            float[] used = clip ? inside : xy;
            Prompt prompt =
                    used.length == 2 ? Prompt.point(used[0], used[1]) : Prompt.box(used[0], used[1], used[2], used[3]);
            targets.add(new PromptOptions.Target(prompt, entry.id(), entry.category()));
        }
        if (targets.isEmpty() && !skipped.isEmpty()) {
            Skipped first = skipped.get(0);
            throw file.failure(first.where() + ": " + first.problem()
                    + (skipped.size() > 1 ? "; none of the " + skipped.size() + " boxes can be used" : ""));
        }
        return new Checked(targets, skipped, beyond.isEmpty() ? null : note(beyond, clip));
    }

    private String note(List<String> beyond, boolean clip) {
        String which =
                beyond.get(0) + (beyond.size() == 1 ? " reaches" : " and " + (beyond.size() - 1) + " more reach");
        return file + ": " + which + " beyond the picture; "
                + (clip ? "clipped" : "used as it is said, --clip-boxes cuts boxes at the border");
    }

    private void requireSize(Picture picture, BooleanSupplier turned) {
        int w = picture.width();
        int h = picture.height();
        if ((width == 0 || width == w) && (height == 0 || height == h)) {
            return;
        }
        String said = "its boxes are of a picture of " + side(width) + "x" + side(height)
                + (pictureName == null ? "" : ", " + pictureName) + ", but the picture has " + w + "x" + h;
        if (width == h && height == w && turned.getAsBoolean()) {
            throw file.failure(said + " after being turned by its EXIF orientation: --ignore-exif takes it as stored");
        }
        throw file.failure(said + " pixels");
    }

    private static String side(double side) {
        return side == 0 ? "?" : side == Math.rint(side) ? Long.toString((long) side) : Double.toString(side);
    }

    /** Refuses fractions where pixels are expected: no picture has all its objects in the first pixel. */
    private void requirePixels() {
        List<double[]> boxes = entries.stream()
                .map(Entry::xy)
                .filter(xy -> xy != null && xy.length == 4)
                .toList();
        boolean fractions = boxes.stream().flatMapToDouble(Arrays::stream).allMatch(value -> value >= 0 && value <= 1);
        if (!normalized && !boxes.isEmpty() && fractions) {
            throw file.failure("its boxes look normalised, all between 0 and 1, but pixels are expected: multiply x by "
                    + "the picture's width and y by its height");
        }
    }

    private float[] scaled(double[] xy, Picture picture) {
        float[] scaled = new float[xy.length];
        for (int i = 0; i < xy.length; i++) {
            double side = i % 2 == 0 ? picture.width() : picture.height();
            scaled[i] = (float) (normalized ? xy[i] * side : xy[i]);
        }
        return scaled;
    }

    private static float[] clipped(float[] xy, Picture picture) {
        float[] clipped = new float[xy.length];
        for (int i = 0; i < xy.length; i++) {
            clipped[i] = Math.min(Math.max(xy[i], 0), i % 2 == 0 ? picture.width() : picture.height());
        }
        return clipped;
    }

    private static String problem(float[] xy, Picture picture) {
        for (float value : xy) {
            if (!Float.isFinite(value)) {
                return "coordinates must be finite numbers, got " + value;
            }
        }
        String size = "the picture of " + picture.width() + "x" + picture.height() + " pixels";
        if (xy.length == 2) {
            boolean inside = xy[0] >= 0 && xy[1] >= 0 && xy[0] <= picture.width() && xy[1] <= picture.height();
            return inside ? null : "the point " + xy[0] + "," + xy[1] + " lies outside " + size;
        }
        String box = "the box " + xy[0] + "," + xy[1] + "," + xy[2] + "," + xy[3];
        if (xy[2] < xy[0] || xy[3] < xy[1]) {
            return box + " is turned around, expected x0 < x1 and y0 < y1";
        }
        if (xy[2] == xy[0] || xy[3] == xy[1]) {
            return box + " is flat, expected x0 < x1 and y0 < y1";
        }
        boolean touches = xy[2] > 0 && xy[3] > 0 && xy[0] < picture.width() && xy[1] < picture.height();
        return touches ? null : box + " lies outside " + size;
    }
}
