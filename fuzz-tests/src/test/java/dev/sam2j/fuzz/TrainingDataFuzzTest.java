package dev.sam2j.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.training.TrainingData;
import dev.sam2j.training.TrainingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Annotations of a picture of 64x48 pixels to train on, in each format. What is broken ends it, or is left out. */
class TrainingDataFuzzTest {
    private static final String IMAGES = "{\"images\":[{\"id\":7,\"file_name\":\"a.png\",\"width\":64,\"height\":48}],";
    private static final String SQUARE = "[[2,2,30,2,30,30,2,30]]";
    private static final Path FOLDER = folder();

    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("fuzz-training-");
            byte[] rgb = new byte[3 * 64 * 48];
            rgb[5] = 9;
            Path picture = folder.resolve("a.png");
            Picture.of(rgb, 64, 48).write(picture);
            picture.toFile().deleteOnExit();
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String coco(String segmentation) {
        return IMAGES + "\"annotations\":[{\"id\":1,\"image_id\":7,\"category_id\":1,\"segmentation\":" + segmentation
                + "}],\"categories\":[{\"id\":1,\"name\":\"cat\"}]}";
    }

    private static String runLengths(String size, String counts) {
        return coco("{\"size\":" + size + ",\"counts\":" + counts + "}");
    }

    private static String labelMe(String shape) {
        return "{\"version\":\"5.0\",\"imagePath\":\"a.png\",\"imageWidth\":64,\"imageHeight\":48,\"shapes\":[{"
                + "\"label\":\"cat\"," + shape + "}]}";
    }

    static Stream<Arguments> seeds() {
        return JsonSeeds.small()
                .add("a polygon", coco(SQUARE))
                .add("run lengths", runLengths("[48,64]", "[100,2000,972]"))
                .add("compressed run lengths", runLengths("[48,64]", "\"T3`n1dN\""))
                .add("run lengths of another size", runLengths("[1e9,2147483647]", "[2147483647]"))
                .add("a crowd", coco(SQUARE + ",\"iscrowd\":1"))
                .add("no segmentation", coco("null"))
                .add("corners far away", coco("[[1e300,-1e300,9e6,2,1,1e7]]"))
                .add("escapes in names", coco(SQUARE).replace("a.png", "\\u001b[2J\\u202e"))
                .add("names that lead out", coco(SQUARE).replace("a.png", "../../../../etc/passwd"))
                .add("a name with a zero", coco(SQUARE).replace("a.png", "\\u0000"))
                .add("LabelMe", labelMe("\"shape_type\":\"circle\",\"points\":[[20,20],[1e9,20]]"))
                .add("a mask", labelMe("\"shape_type\":\"mask\",\"points\":[[1,2],[3,4]],\"mask\":\"iVBORw0KGgo=\""))
                .add("a kind with escapes", labelMe("\"shape_type\":\"polygon\",\"label\":\"\\u001b\",\"points\":[]"))
                .add("YOLO", "0 0.1 0.1 0.9 0.1 0.9 0.9\n1 0.5 0.5 0.2 0.2\n")
                .add("escapes in a line", "0 0.1 0.1 0.9 0.1 0.9 \u001b[2J\u202e\n")
                .add("shares far away", "0 2 -1 -1 2 2 2\n")
                .arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void annotations(byte[] file) {
        check(file);
    }

    static Stream<Arguments> large() {
        return JsonSeeds.large()
                .add(
                        "1,000,000 pictures of one number",
                        () -> Seeds.repeated("{\"images\":[", "{\"id\":1,\"file_name\":\"a.png\"},", 1_000_000, "{}]}"))
                .add("10,000 objects", () -> objects(10_000))
                .add("a polygon of 1,000,000 corners", () -> ring("1,1,63,47,", 1_000_000, "2,3"))
                .add("a polygon of 10,000,000 numbers", () -> ring("1,", 9_999_999, "2"))
                .add("200,000 polygons", () -> ring("1,1,63,2,3,47],[", 200_000, "1,2,3,4,5,6"))
                .add("run lengths of 10,000,000 zeros", () -> counts("[48,64]", "0,"))
                .add("run lengths of 65535x65535", () -> counts("[65535,65535]", "1,"))
                .add("a mask of 60 MB", () -> mask(60 << 20))
                .add("a picture of 60 MB", () -> Seeds.repeated("{\"imageData\":\"", "A", 60 << 20, "\"}"))
                .add("a line of 15 MB", () -> Seeds.repeated("0 ", "0.5 ", 15 << 18, "\n"))
                .add("1,000,000 lines", () -> Seeds.repeated("", "0 0.5 0.5\n", 1_000_000, ""))
                .suppliers();
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void large(Supplier<byte[]> file) {
        check(file.get());
    }

    private static byte[] objects(int count) {
        String object = "{\"image_id\":7,\"segmentation\":" + SQUARE + "},";
        return Seeds.repeated(IMAGES + "\"annotations\":[", object, count, "{}]}");
    }

    private static byte[] ring(String repeated, int count, String last) {
        String[] ends = coco("[[|]]").split("\\|");
        return Seeds.repeated(ends[0], repeated, count, last + ends[1]);
    }

    private static byte[] counts(String size, String repeated) {
        String[] ends = runLengths(size, "[|]").split("\\|");
        return Seeds.repeated(ends[0], repeated, 10_000_000, "0" + ends[1]);
    }

    private static byte[] mask(int length) {
        String[] ends = labelMe("\"shape_type\":\"mask\",\"points\":[[1,2],[3,4]],\"mask\":\"|\"")
                .split("\\|");
        return Seeds.repeated(ends[0], "A", length, ends[1]);
    }

    private static void check(byte[] file) {
        Budget.check(file, path -> size(TrainingData.coco(path, FOLDER)), TrainingException.class);
        Budget.check(file, path -> size(TrainingData.coco(path, FOLDER).skippingBad()), TrainingException.class);
        Budget.check(file, path -> sizeAs("a.json", path, TrainingData.labelMe(FOLDER)), TrainingException.class);
        Budget.check(file, path -> sizeAs("a.txt", path, TrainingData.yolo(FOLDER, FOLDER)), TrainingException.class);
    }

    /** What is held of an object is small, whatever its picture. */
    private static long size(TrainingData data) {
        return 1000L * data.check(64, 1).objects();
    }

    private static long sizeAs(String name, Path file, TrainingData data) throws IOException {
        Path named = FOLDER.resolve(name);
        try {
            Files.copy(file, named, StandardCopyOption.REPLACE_EXISTING);
            return size(data);
        } finally {
            Files.deleteIfExists(named);
        }
    }
}
