package dev.sam2j.training.data.formats;

import dev.sam2j.Sam2jException;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.data.Findings;
import dev.sam2j.training.data.Sample;
import dev.sam2j.training.data.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files of LabelMe beside their pictures. A shape is an object; shapes of one label and one {@code group_id} are parts
 * of one. Polygons and rectangles are filled as those of COCO.
 */
public final class LabelMeReader {
    /** Most shapes of a picture. */
    private static final int MAX_SHAPES = 1 << 16;

    /** Most parts of an object. */
    private static final int MAX_PARTS = 1000;

    private final Path file;
    private final FormatOptions options;
    private final Findings findings;
    private final Holding holding;
    private final List<Long> numbers = new ArrayList<>();
    private final List<List<Outline>> objects = new ArrayList<>();
    private final Map<String, List<Outline>> groups = new HashMap<>();
    private String picture;
    private long width;
    private long height;

    private LabelMeReader(Path file, FormatOptions options, Findings findings, Holding holding) {
        this.file = file;
        this.options = options;
        this.findings = findings;
        this.holding = holding;
    }

    /**
     * Reads the data set.
     *
     * @param folder of pictures and JSON files, and of folders of them
     * @throws TrainingException as {@link Findings#bad}
     */
    public static List<Sample> read(Path folder, FormatOptions options, Findings findings) {
        PictureFiles all = new PictureFiles(folder);
        Holding holding = new Holding(folder);
        Set<Path> taken = new HashSet<>();
        List<Sample> samples = new ArrayList<>();
        for (Path file : files(folder)) {
            try {
                Sample sample = new LabelMeReader(file, options, findings, holding).read(all, taken);
                if (sample != null) {
                    samples.add(sample);
                }
            } catch (Sam2jException e) {
                findings.bad(e.getMessage());
            }
        }
        if (samples.isEmpty()) {
            findings.bad(folder + " has no JSON files of LabelMe with objects");
        }
        return samples;
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".json") && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw Text.unreadable(folder, e);
        }
    }

    private Sample read(PictureFiles all, Set<Path> taken) {
        try (JsonReader json = JsonReader.openObject(file)) {
            for (String key = json.nextField(); key != null; key = json.nextField()) {
                switch (key) {
                    case "imagePath" -> picture = json.text();
                    case "imageWidth" -> width = json.whole().orElse(0);
                    case "imageHeight" -> height = json.whole().orElse(0);
                    case "shapes" -> readShapes(json);
                    default -> json.skip(); // imageData among them, the whole picture
                }
            }
        }
        if (picture == null) {
            throw new TrainingException(file + " is no file of LabelMe: it has no imagePath");
        }
        if (objects.isEmpty()) {
            findings.leaveOut("pictures without objects", 1);
            return null;
        }
        String slashes = picture.replace('\\', '/');
        PictureFiles beside = new PictureFiles(file.toAbsolutePath().getParent());
        Path found = beside.find(slashes.substring(slashes.lastIndexOf('/') + 1));
        if (found == null) {
            throw new TrainingException(file + " is about " + Text.of(picture) + ", which is not beside it");
        }
        Path path = file.resolveSibling(found.getFileName());
        if (!taken.add(path)) {
            throw new TrainingException(file + " is about " + Text.of(picture) + ", as another file is");
        }
        holding.add(200);
        boolean sized = width > 0 && height > 0 && width <= Integer.MAX_VALUE && height <= Integer.MAX_VALUE;
        List<Outline> outlines = objects.stream()
                .map(parts -> parts.size() == 1 ? parts.get(0) : new Outline.Union(parts))
                .toList();
        long[] shapes = numbers.stream().mapToLong(Long::longValue).toArray();
        return new Sample(
                all.name(path),
                path,
                options.pictures(),
                sized ? (int) width : 0,
                sized ? (int) height : 0,
                new OutlineObjects(file, "shape", shapes, outlines));
    }

    private void readShapes(JsonReader json) {
        if (!json.isArray()) {
            throw json.failure("its shapes are no JSON array");
        }
        for (long number = 0; json.nextElement(); number++) {
            if (!json.isObject() || number == MAX_SHAPES) {
                throw json.failure("shape " + number + " is no JSON object, or there are more than " + MAX_SHAPES);
            }
            Shape shape = new Shape(json);
            if (!options.takes(shape.label)) {
                findings.leaveOut("objects of other categories", 1);
            } else if (!shape.hasInside()) {
                findings.leaveOut("shapes without an inside", 1);
            } else {
                add(number, shape);
            }
        }
    }

    private void add(long number, Shape shape) {
        Outline outline = shape.outline();
        if (outline == null) {
            findings.bad(file + ": shape " + number + " (" + Text.of(shape.label) + ") is no " + Text.of(shape.type)
                    + ": its points or its mask are broken");
            return;
        }
        holding.add(100 + outline.bytes());
        List<Outline> parts = null;
        if (shape.group.isPresent()) {
            parts = groups.get(shape.group.getAsLong() + " " + shape.label);
        }
        if (parts == null) {
            parts = new ArrayList<>(1);
            numbers.add(number);
            objects.add(parts);
            if (shape.group.isPresent()) {
                groups.put(shape.group.getAsLong() + " " + shape.label, parts);
            }
        }
        if (parts.size() == MAX_PARTS) {
            throw new TrainingException(file + ": an object has more than the limit of " + MAX_PARTS + " parts");
        }
        parts.add(outline);
    }

    /** A shape as it stands in the file. */
    private static final class Shape {
        private String label = "";
        private String type = "polygon";
        private OptionalLong group = OptionalLong.empty();
        private double[] xy;
        private String mask;

        Shape(JsonReader json) {
            for (String key = json.nextField(); key != null; key = json.nextField()) {
                switch (key) {
                    case "label" -> label = orElse(json.text(), "");
                    case "shape_type" -> type = orElse(json.text(), "");
                    case "group_id" -> group = json.whole();
                    case "points" -> xy = json.points();
                    case "mask" -> mask = json.text();
                    default -> json.skip();
                }
            }
        }

        private static String orElse(String text, String other) {
            return text == null ? other : text;
        }

        /** Points and lines have none. */
        boolean hasInside() {
            return switch (type) {
                case "polygon", "rectangle", "circle", "mask" -> true;
                default -> false;
            };
        }

        /** Null if it is broken. */
        Outline outline() {
            if (type.equals("polygon")) {
                int[] ring = Corners.ofXy(xy);
                return ring == null ? null : new Outline.Rings(ring);
            }
            int[] corners = xy == null || xy.length != 4
                    ? null
                    : Corners.ofXy(new double[] {xy[0], xy[1], xy[2], xy[1], xy[2], xy[3], xy[0], xy[3]});
            if (corners == null) {
                return null;
            }
            return switch (type) {
                case "rectangle" -> new Outline.Rings(corners);
                case "circle" -> new Outline.Disc(xy[0], xy[1], Math.hypot(xy[2] - xy[0], xy[3] - xy[1]));
                default -> stamp();
            };
        }

        private Outline stamp() {
            try {
                byte[] png = mask == null ? null : Base64.getMimeDecoder().decode(mask);
                return png == null ? null : new Outline.Stamp(png, (int) xy[0], (int) xy[1]);
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
    }
}
