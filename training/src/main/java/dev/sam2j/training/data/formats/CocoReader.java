package dev.sam2j.training.data.formats;

import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.data.Findings;
import dev.sam2j.training.data.Sample;
import dev.sam2j.training.data.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * A data set in the format of COCO instances (Lin et al., Microsoft COCO: Common Objects in Context, 2014): polygons
 * and run lengths. Read in one go; outlines are held, pictures and masks are not.
 */
public final class CocoReader {
    /** Most polygons of an object. */
    private static final int MAX_RINGS = 1 << 16;

    private final Path file;
    private final PictureFiles pictures;
    private final FormatOptions options;
    private final Findings findings;
    private final Holding holding;
    private final Map<Long, Image> images = new LinkedHashMap<>();
    private final Map<Long, String> categories = new HashMap<>();
    private final Map<Long, List<Annotation>> annotations = new HashMap<>();

    private CocoReader(Path file, Path folder, FormatOptions options, Findings findings) {
        this.file = file;
        this.pictures = new PictureFiles(folder);
        this.options = options;
        this.findings = findings;
        this.holding = new Holding(file);
    }

    private record Image(String name, int width, int height) {}

    private record Annotation(long id, long category, Outline outline) {}

    /**
     * Reads the data set.
     *
     * @param file its JSON
     * @param folder where its pictures are
     * @throws TrainingException if the file is no such data set, and as {@link Findings#bad}
     */
    public static List<Sample> read(Path file, Path folder, FormatOptions options, Findings findings) {
        CocoReader reader = new CocoReader(file, folder, options, findings);
        try (JsonReader json = JsonReader.openObject(file)) {
            for (String key = json.nextField(); key != null; key = json.nextField()) {
                switch (json.isArray() ? key : "") {
                    case "images" -> reader.readAll(json, "picture", reader::readImage);
                    case "annotations" -> reader.readAll(json, "annotation", reader::readAnnotation);
                    case "categories" -> reader.readAll(json, "category", reader::readCategory);
                    default -> json.skip();
                }
            }
        }
        return reader.samples();
    }

    private interface Entry {
        void read(JsonReader json, long number);
    }

    private void readAll(JsonReader json, String what, Entry entry) {
        for (long number = 1; json.nextElement(); number++) {
            if (!json.isObject()) {
                throw json.failure(what + " number " + number + " is no JSON object");
            }
            entry.read(json, number);
        }
    }

    private void readImage(JsonReader json, long number) {
        OptionalLong id = OptionalLong.empty();
        String name = null;
        long width = 0;
        long height = 0;
        for (String key = json.nextField(); key != null; key = json.nextField()) {
            switch (key) {
                case "id" -> id = json.whole();
                case "file_name" -> name = json.text();
                case "width" -> width = json.whole().orElse(0);
                case "height" -> height = json.whole().orElse(0);
                default -> json.skip();
            }
        }
        if (id.isEmpty() || name == null) {
            throw json.failure("picture number " + number + " has no id, which is a whole number, or no file_name");
        }
        boolean sized = width > 0 && height > 0 && width <= Integer.MAX_VALUE && height <= Integer.MAX_VALUE;
        holding.add(160 + 2L * name.length());
        Image image = new Image(name, sized ? (int) width : 0, sized ? (int) height : 0);
        if (images.putIfAbsent(id.getAsLong(), image) != null) {
            bad("two pictures have the id ", id.getAsLong(), "");
        }
    }

    private void readCategory(JsonReader json, long number) {
        OptionalLong id = OptionalLong.empty();
        String name = null;
        for (String key = json.nextField(); key != null; key = json.nextField()) {
            switch (key) {
                case "id" -> id = json.whole();
                case "name" -> name = json.text();
                default -> json.skip();
            }
        }
        if (id.isPresent() && name != null) {
            holding.add(160 + 2L * name.length());
            categories.put(id.getAsLong(), name);
        }
    }

    private void readAnnotation(JsonReader json, long number) {
        OptionalLong id = OptionalLong.empty();
        OptionalLong image = OptionalLong.empty();
        long category = Long.MIN_VALUE;
        boolean crowd = false;
        Segmentation segmentation = new Segmentation();
        for (String key = json.nextField(); key != null; key = json.nextField()) {
            switch (key) {
                case "id" -> id = json.whole();
                case "image_id" -> image = json.whole();
                case "category_id" -> category = json.whole().orElse(Long.MIN_VALUE);
                case "iscrowd" -> crowd = json.isTrue() || json.whole().orElse(0) != 0;
                case "segmentation" -> segmentation.read(json);
                default -> json.skip();
            }
        }
        long shown = id.orElse(number);
        if (crowd) {
            findings.leaveOut("crowds (iscrowd)", 1);
        } else if (image.isEmpty()) {
            bad("annotation ", shown, " has no image_id, which is a whole number");
        } else if (segmentation.outline == null) {
            bad("annotation ", shown, " " + segmentation.problem);
        } else {
            holding.add(40 + segmentation.outline.bytes());
            annotations
                    .computeIfAbsent(image.getAsLong(), key -> {
                        holding.add(120);
                        return new ArrayList<>(1);
                    })
                    .add(new Annotation(shown, category, segmentation.outline));
        }
    }

    private void bad(String what, long id, String problem) {
        findings.bad(() -> file + ": " + what + id + problem);
    }

    /** The value of the key of that name: an outline, or what is wrong with it. */
    private static final class Segmentation {
        private Outline outline;
        private String problem = "has no segmentation, which training needs; a box is not enough";

        void read(JsonReader json) {
            if (json.isArray()) {
                readRings(json);
            } else if (json.isObject()) {
                readRunLengths(json);
            } else {
                json.skip();
            }
        }

        private void readRings(JsonReader json) {
            List<int[]> rings = new ArrayList<>(1);
            String wrong = null;
            while (json.nextElement()) {
                int[] ring = Corners.ofXy(json.numbers());
                if (rings.size() == MAX_RINGS) {
                    throw json.failure("an object has more than the limit of " + MAX_RINGS + " polygons");
                }
                if (ring == null) {
                    wrong = Corners.EXPECTED;
                } else {
                    rings.add(ring);
                }
            }
            if (wrong != null) {
                problem = "has a polygon that is none: " + wrong;
            } else if (!rings.isEmpty()) {
                outline = new Outline.Rings(rings.toArray(int[][]::new));
            }
        }

        private void readRunLengths(JsonReader json) {
            double[] size = null;
            double[] counts = null;
            String text = null;
            for (String key = json.nextField(); key != null; key = json.nextField()) {
                if (key.equals("size")) {
                    size = json.numbers();
                } else if (key.equals("counts") && json.isText()) {
                    text = json.text();
                } else if (key.equals("counts")) {
                    counts = json.numbers();
                } else {
                    json.skip();
                }
            }
            if (size == null || size.length != 2 || text == null && counts == null) {
                problem = "has run lengths without size [height, width] or counts";
                return;
            }
            try {
                int width = Corners.whole(size[1]);
                int height = Corners.whole(size[0]);
                CocoRle rle = text != null
                        ? CocoRle.ofCompressed(width, height, text)
                        : CocoRle.ofCounts(width, height, Corners.whole(counts));
                outline = Outline.Runs.of(rle);
            } catch (IllegalArgumentException e) {
                problem = "has broken run lengths: " + e.getMessage();
            }
        }
    }

    private List<Sample> samples() {
        checkCategories();
        List<Sample> samples = new ArrayList<>();
        Set<Path> taken = new HashSet<>();
        images.forEach((id, image) -> {
            List<Annotation> own = annotations.remove(id);
            Sample sample = sample(image, wanted(own == null ? List.of() : own), taken);
            if (sample != null) {
                samples.add(sample);
            }
        });
        annotations.forEach((id, orphans) -> {
            for (Annotation orphan : orphans) {
                findings.bad(() -> file + ": annotation " + orphan.id() + " belongs to picture " + id
                        + ", which is not in the file");
            }
        });
        return samples;
    }

    private void checkCategories() {
        for (String wanted : options.categories()) {
            if (!categories.containsValue(wanted)) {
                String there = String.join(", ", new TreeSet<>(categories.values()));
                throw new TrainingException(
                        file + " has no category " + Text.of(wanted) + ", but these: " + Text.of(there));
            }
        }
    }

    private List<Annotation> wanted(List<Annotation> all) {
        List<Annotation> wanted = all.stream()
                .filter(annotation -> options.categories().isEmpty()
                        || options.categories().contains(categories.get(annotation.category())))
                .toList();
        findings.leaveOut("objects of other categories", all.size() - wanted.size());
        return wanted;
    }

    private Sample sample(Image image, List<Annotation> objects, Set<Path> taken) {
        if (objects.isEmpty()) {
            findings.leaveOut("pictures without objects", 1);
            return null;
        }
        Path picture = pictures.find(image.name());
        if (picture == null) {
            findings.bad(file + ": picture " + Text.of(image.name()) + " is not in " + pictures.folder());
            return null;
        }
        if (!taken.add(picture)) {
            findings.bad(file + ": picture " + Text.of(image.name()) + " is listed twice");
            return null;
        }
        long[] ids = objects.stream().mapToLong(Annotation::id).toArray();
        List<Outline> outlines = objects.stream().map(Annotation::outline).toList();
        return new Sample(
                pictures.name(picture),
                picture,
                options.pictures(),
                image.width(),
                image.height(),
                new OutlineObjects(file, "annotation", ids, outlines));
    }
}
