package dev.sam2j.training;

import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.training.data.DataCheck;
import dev.sam2j.training.data.DataSet;
import dev.sam2j.training.data.Findings;
import dev.sam2j.training.data.Sample;
import dev.sam2j.training.data.formats.CocoReader;
import dev.sam2j.training.data.formats.FormatOptions;
import dev.sam2j.training.data.formats.LabelMeReader;
import dev.sam2j.training.data.formats.LabelReader;
import dev.sam2j.training.data.formats.MaskFolderReader;
import dev.sam2j.training.data.formats.YoloReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Annotated pictures. Nothing is read before training or {@link #check}; masks are decoded when they are needed, so
 * that what is held of thousands of pictures is small. Immutable: each method that sets something returns other data.
 *
 * <pre>{@code
 * TrainingData data = TrainingData.coco(Path.of("annotations.json"), Path.of("pictures")).withCategories("cell");
 * }</pre>
 */
public final class TrainingData {
    private static final String KINDS = "coco:FILE, labels:DIR, masks:DIR, labelme:DIR and yolo:DIR";

    private final List<Part> parts;
    private final boolean skipBad;
    private final Consumer<String> notices;

    private TrainingData(List<Part> parts, boolean skipBad, Consumer<String> notices) {
        this.parts = parts;
        this.skipBad = skipBad;
        this.notices = notices;
    }

    private interface Reader {
        List<Sample> read(FormatOptions options, Findings findings);
    }

    private record Part(Reader reader, FormatOptions options) {}

    private static TrainingData of(Reader reader) {
        return new TrainingData(List.of(new Part(reader, FormatOptions.DEFAULT)), false, notice -> {});
    }

    /**
     * COCO instances: polygons, filled as pycocotools does, and run lengths. Crowds are left out.
     *
     * @param json the annotations
     * @param images folder of the pictures that they name
     */
    public static TrainingData coco(Path json, Path images) {
        return of((options, findings) -> CocoReader.read(json, images, options, findings));
    }

    /**
     * A picture of labels for each picture: palette, or 8 or 16 bits of grey. Each value is an object, 0 is nothing. A
     * file that has only 0 and 255 is one object.
     *
     * @param labels folder of label pictures, which have the names of their pictures but for the suffix
     * @param images folder of pictures
     */
    public static TrainingData labels(Path labels, Path images) {
        return of((options, findings) -> LabelReader.read(labels, images, options, findings));
    }

    /**
     * A folder for each picture, with one mask for each object, as {@code MaskPng.read} reads them.
     *
     * @param masks folder of the folders, which have the names of their pictures without suffix
     * @param images folder of pictures
     */
    public static TrainingData masks(Path masks, Path images) {
        return of((options, findings) -> MaskFolderReader.read(masks, images, options, findings));
    }

    /**
     * Files of LabelMe: polygons, rectangles, circles and masks. Shapes of one label and group are one object; points
     * and lines are left out.
     *
     * @param folder of JSON files and the pictures beside them
     */
    public static TrainingData labelMe(Path folder) {
        return of((options, findings) -> LabelMeReader.read(folder, options, findings));
    }

    /**
     * Texts of YOLO for segmentation: lines of a class and a polygon. Their classes are numbers.
     *
     * @param labels folder of texts, which have the names of their pictures but for the suffix
     * @param images folder of pictures
     */
    public static TrainingData yolo(Path labels, Path images) {
        return of((options, findings) -> YoloReader.read(labels, images, options, findings));
    }

    /**
     * Data as the command line names it: {@code coco:FILE}, {@code labels:DIR}, {@code masks:DIR}, {@code labelme:DIR}
     * or {@code yolo:DIR}.
     *
     * @param images folder of pictures; null for LabelMe
     * @throws TrainingException if it is none of these, or the folder is missing
     */
    public static TrainingData of(String spec, Path images) {
        int colon = spec.indexOf(':');
        String kind = spec.substring(0, Math.max(colon, 0));
        Path path = Path.of(spec.substring(colon + 1));
        return switch (kind) {
            case "coco" -> coco(path, beside(spec, images));
            case "labels" -> labels(path, beside(spec, images));
            case "masks" -> masks(path, beside(spec, images));
            case "labelme" -> labelMe(path);
            case "yolo" -> yolo(path, beside(spec, images));
            default -> throw new TrainingException("'" + spec + "' is no training data; known are " + KINDS);
        };
    }

    private static Path beside(String spec, Path images) {
        if (images == null) {
            throw new TrainingException(spec + " needs a folder of pictures beside it");
        }
        return images;
    }

    /**
     * Several data sets as one, in which each picture counts alike. Categories, void and how pictures are read stay
     * those of each; whether bad ones are skipped and who is told is to be set again.
     */
    public static TrainingData mixed(TrainingData... sets) {
        List<Part> parts =
                Arrays.stream(sets).flatMap(set -> set.parts.stream()).toList();
        return new TrainingData(parts, false, notice -> {});
    }

    private TrainingData with(UnaryOperator<FormatOptions> change) {
        List<Part> changed = parts.stream()
                .map(part -> new Part(part.reader(), change.apply(part.options())))
                .toList();
        return new TrainingData(changed, skipBad, notices);
    }

    /** Only objects of these classes: names in COCO and LabelMe, numbers in YOLO. */
    public TrainingData withCategories(String... names) {
        return with(options -> new FormatOptions(Set.of(names), options.voidLabel(), options.pictures()));
    }

    /** A value of label pictures that means unknown, mostly 255: no object, and not part of any. */
    public TrainingData withVoid(int value) {
        return with(options -> new FormatOptions(options.categories(), value, options.pictures()));
    }

    /** How pictures are read: as they will be for predictions. */
    public TrainingData withReadOptions(ReadOptions pictures) {
        return with(options -> new FormatOptions(options.categories(), options.voidLabel(), pictures));
    }

    /** Leaves out pictures and objects that cannot be used and counts them, rather than to stop at the first. */
    public TrainingData skippingBad() {
        return new TrainingData(parts, true, notices);
    }

    /** Tells somebody, in sentences, what of the data may surprise and what is skipped. */
    public TrainingData withNotices(Consumer<String> listener) {
        return new TrainingData(parts, skipBad, listener);
    }

    /**
     * What there is to train on.
     *
     * @param pictures with objects that are used
     * @param objects that are used
     * @param small those below 32 x 32 pixels on the model's picture
     * @param medium those from there below 96 x 96 pixels
     * @param large all others
     * @param leftOut how many pictures and objects were left out, by reason
     */
    public record Summary(int pictures, int objects, int small, int medium, int large, Map<String, Integer> leftOut) {
        /** Makes the map unmodifiable. */
        public Summary {
            leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
        }
    }

    /** Data that has been checked. */
    record Checked(DataSet data, Summary summary) {}

    /**
     * Reads all pictures and masks once and counts them.
     *
     * @param imageSize side of the model's picture
     * @param minArea fewest pixels of an object on it; smaller ones are left out
     * @throws TrainingException in a sentence that names the file: an annotation without a mask, an empty mask, one of
     *     another size than its picture, one without picture, a picture that cannot be read or is listed twice, files
     *     that are none of their format; unless what is bad is skipped
     */
    public Summary check(int imageSize, int minArea) {
        return checked(imageSize, minArea).summary();
    }

    /** {@link #check}, with what can be trained on. */
    Checked checked(int imageSize, int minArea) {
        return checked(imageSize, minArea, (done, all) -> {});
    }

    /** {@link #checked(int, int)}; {@code progress} hears of pictures that have been read, and how many there are. */
    Checked checked(int imageSize, int minArea, BiConsumer<Integer, Integer> progress) {
        Findings findings = new Findings(skipBad, notices);
        DataCheck check = new DataCheck(imageSize, minArea, findings);
        DataSet data = check.check(samples(findings), progress);
        int[] areas = check.areas();
        int small = (int) Arrays.stream(areas).filter(area -> area < 32 * 32).count();
        int large = (int) Arrays.stream(areas).filter(area -> area >= 96 * 96).count();
        return new Checked(
                data,
                new Summary(data.size(), areas.length, small, areas.length - small - large, large, findings.leftOut()));
    }

    /** The samples of all parts, whose names differ. */
    List<Sample> samples(Findings findings) {
        Map<String, Path> files = new HashMap<>();
        List<Sample> samples = new ArrayList<>();
        for (int part = 0; part < parts.size(); part++) {
            for (Sample sample : parts.get(part).reader().read(parts.get(part).options(), findings)) {
                Path file = sample.file().toAbsolutePath().normalize();
                Path other = files.putIfAbsent(sample.name(), file);
                if (file.equals(other)) {
                    findings.bad(sample.file() + " is in two of the data sets");
                } else {
                    samples.add(other == null ? sample : sample.named(sample.name() + "#" + (part + 1)));
                }
            }
        }
        return samples;
    }
}
