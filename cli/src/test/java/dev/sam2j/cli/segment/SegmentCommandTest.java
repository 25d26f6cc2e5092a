package dev.sam2j.cli.segment;

import static dev.sam2j.cli.Cli.SHAPES;
import static dev.sam2j.cli.Cli.json;
import static dev.sam2j.cli.Cli.names;
import static dev.sam2j.cli.Cli.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sam2j.cli.Cli;
import dev.sam2j.cli.TestFiles;
import dev.sam2j.cpu.Bf16Kernels;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code sam2j segment} finds and writes, with the demo model on the sample pictures. */
class SegmentCommandTest {
    /** Point and tight box of the blob of samples/shapes.png, see samples/README.md. */
    private static final String BLOB = "80,54";

    private static final String BLOB_BOX = "17,11,118,108";
    private static final String CHEQUERED_BOX = "210,16,288,81";

    @TempDir
    private Path folder;

    private Path out() {
        return folder.resolve("out");
    }

    private Mask mask(int i) {
        return MaskPng.read(out().resolve("mask_" + i + ".png"), ReadOptions.DEFAULT);
    }

    private static void assertNear(int[] expected, JsonNode bbox, int tolerance) {
        for (int i = 0; i < 4; i++) {
            assertEquals(expected[i], bbox.get(i).asInt(), tolerance, bbox.toString());
        }
    }

    @Test
    void aPointGivesThreeAlternativesAndAllFiles() throws IOException {
        run("segment", SHAPES, "--model", "demo", "--point", BLOB, "--output", out())
                .done();
        assertEquals(
                Set.of("mask_0.png", "mask_1.png", "mask_2.png", "overlay.png", "cutout.png", "result.json"),
                names(out()));
        assertEquals(Set.of("out"), names(folder), "nothing else may be left");

        JsonNode result = json(out().resolve("result.json"));
        assertEquals(SHAPES.toString(), result.get("picture").asText());
        assertEquals("[320,240]", result.get("size").toString());
        assertEquals("demo", result.get("model").asText());
        assertEquals("cpu", result.get("device").asText());
        assertEquals("fp32", result.get("precision").asText());
        assertTrue(result.get("note").asText().contains("photographs"));
        for (String step : List.of("load", "encode", "decode")) {
            assertTrue(result.get("timings").get(step).asDouble() > 0, step);
        }
        JsonNode best = null;
        for (int i = 0; i < 3; i++) {
            JsonNode entry = result.get("masks").get(i);
            assertEquals("mask_" + i + ".png", entry.get("file").asText());
            assertEquals(mask(i).area(), entry.get("area").asInt());
            int[] box = mask(i).boundingBox().toXywh();
            assertArrayEquals(box, new ObjectMapper().convertValue(entry.get("bbox"), int[].class));
            best = entry.get("best").asBoolean() ? entry : best;
        }
        assertNear(new int[] {17, 11, 101, 97}, best.get("bbox"), 3);

        BufferedImage cutout = ImageIO.read(out().resolve("cutout.png").toFile());
        BufferedImage picture = ImageIO.read(SHAPES.toFile());
        assertEquals(picture.getRGB(80, 54), cutout.getRGB(80, 54));
        assertEquals(0, cutout.getRGB(260, 172) >>> 24, "the star is not in the cut-out");
        BufferedImage overlay = ImageIO.read(out().resolve("overlay.png").toFile());
        assertEquals(320, overlay.getWidth());
        assertEquals(picture.getRGB(260, 172), overlay.getRGB(260, 172));
        assertTrue(picture.getRGB(60, 80) != overlay.getRGB(60, 80));
    }

    @Test
    void masksAreBlackAndWhitePicturesOfThePicturesSize() throws IOException {
        run("segment", SHAPES, "--box", BLOB_BOX, "--output", out()).done();
        BufferedImage image = ImageIO.read(out().resolve("mask_0.png").toFile());
        assertEquals(320, image.getWidth());
        assertEquals(240, image.getHeight());
        Set<Integer> values = new TreeSet<>();
        for (int y = 0; y < 240; y++) {
            for (int x = 0; x < 320; x++) {
                values.add(image.getRaster().getSample(x, y, 0));
            }
        }
        assertEquals(Set.of(0, 255), values);
    }

    @Test
    void severalBoxesAreSeveralObjectsAndJsonGoesToStdout() throws IOException {
        Cli.Outcome outcome = run(
                        "segment", SHAPES, "--box", BLOB_BOX, "--box", CHEQUERED_BOX, "--json", "--output", out())
                .done();
        JsonNode result = json(out().resolve("result.json"));
        assertEquals(result, new ObjectMapper().readTree(outcome.out()));
        assertEquals(2, result.get("masks").size());
        assertNear(new int[] {17, 11, 101, 97}, result.get("masks").get(0).get("bbox"), 4);
        assertNear(new int[] {210, 16, 78, 65}, result.get("masks").get(1).get("bbox"), 4);
        assertEquals(1, result.get("masks").get(1).get("object").asInt());
    }

    @Test
    void multimaskGivesEveryBoxThreeMasks() throws IOException {
        run("segment", SHAPES, "--box", BLOB_BOX, "--box", CHEQUERED_BOX, "--multimask", "--output", out())
                .done();
        assertEquals(6, json(out().resolve("result.json")).get("masks").size());
        run("segment", SHAPES, "--point", BLOB, "--single", "--output", out()).done();
        assertEquals(
                Set.of("mask_0.png", "overlay.png", "cutout.png", "result.json"),
                names(out()),
                "masks of the earlier run must be gone");
    }

    @Test
    void filesOfOthersStay() throws IOException {
        Files.createDirectories(out());
        Files.writeString(out().resolve("mask_7.png"), "mine");
        Files.writeString(out().resolve("result.json"), "{\"masks\":[{\"file\":\"../victim\"}]}");
        Files.writeString(folder.resolve("victim"), "keep");
        run("segment", SHAPES, "--box", BLOB_BOX, "--output", out()).done();
        assertEquals("mine", Files.readString(out().resolve("mask_7.png")));
        assertEquals("keep", Files.readString(folder.resolve("victim")));
    }

    @Test
    void pointsNarrowABoxDown() throws IOException {
        run("segment", SHAPES, "--box", "0,0,319,239", "--point", "260,150", "--point", "80,54,0", "--output", out())
                .done();
        assertEquals(1, json(out().resolve("result.json")).get("masks").size());
        assertTrue(mask(0).get(260, 150));
        assertFalse(mask(0).get(80, 54));
    }

    @Test
    void logitsAreInTheOrderOfTheMasksAndComeBackAsAPrompt() throws IOException {
        run("segment", SHAPES, "--point", BLOB, "--logits", "--output", out()).done();
        JsonNode masks = json(out().resolve("result.json")).get("masks");
        float[] scores = new float[3];
        try (CheckpointFile file = Safetensors.open(out().resolve("logits.safetensors"))) {
            Shape shape = file.shape("low_res_logits");
            assertEquals(3, shape.dim(0));
            assertEquals(shape.dim(1), shape.dim(2));
            assertEquals(Shape.of(3), file.shape("iou"));
            file.read("iou", scores, 0);
        }
        int best = 0;
        for (int i = 0; i < 3; i++) {
            assertEquals(masks.get(i).get("score").floatValue(), scores[i]);
            best = masks.get(i).get("best").asBoolean() ? i : best;
        }
        Mask first = mask(best);
        Path logits = Files.move(out().resolve("logits.safetensors"), folder.resolve("earlier.safetensors"));
        Path png = Files.copy(out().resolve("mask_" + best + ".png"), folder.resolve("earlier.png"));

        run("segment", SHAPES, "--point", BLOB, "--mask-input", logits, "--single", "--output", out())
                .done();
        assertTrue(mask(0).iou(first) > 0.9, "logits: " + mask(0).iou(first));
        run("segment", SHAPES, "--point", BLOB, "--mask-input", png, "--single", "--output", out())
                .done();
        assertTrue(mask(0).iou(first) > 0.9, "picture: " + mask(0).iou(first));
    }

    @Test
    void boxesFromFilesAreTheSameAsBoxesOnTheCommandLine() throws IOException {
        run("segment", SHAPES, "--box", BLOB_BOX, "--box", CHEQUERED_BOX, "--output", out())
                .done();
        List<Mask> expected = List.of(mask(0), mask(1));
        String coco = "[{\"image_id\":7,\"category_id\":3,\"bbox\":[17,11,101,97],\"score\":0.5,\"id\":40},"
                + "{\"image_id\":7,\"category_id\":4,\"bbox\":[210,16,78,65],\"id\":41},"
                + "{\"image_id\":8,\"bbox\":[0,0,5000,5000],\"id\":42}]";
        String images = "\"images\":[{\"id\":8,\"file_name\":\"x.jpg\"},{\"id\":7,\"file_name\":\"a/b/shapes.png\"}]";
        Path plain = Files.writeString(folder.resolve("p.json"), "[[" + BLOB_BOX + "],[" + CHEQUERED_BOX + "]]");
        Path annotations = Files.writeString(folder.resolve("a.json"), "{" + images + ",\"annotations\":" + coco + "}");
        Path detections = Files.writeString(folder.resolve("d.json"), coco);
        for (List<Object> more : List.of(
                List.<Object>of(plain), List.<Object>of(annotations), List.<Object>of(detections, "--image-id", "7"))) {
            List<Object> args = new ArrayList<>(List.of("segment", SHAPES, "--output", out(), "--boxes"));
            args.addAll(more);
            run(args.toArray()).done();
            assertEquals(2, json(out().resolve("result.json")).get("masks").size());
            assertEquals(expected, List.of(mask(0), mask(1)));
        }
        JsonNode second = json(out().resolve("result.json")).get("masks").get(1);
        assertEquals(41, second.get("annotation_id").asInt());
        assertEquals(4, second.get("category_id").asInt());
        assertEquals("[210.0,16.0,288.0,81.0]", second.get("box").toString());
        run("segment", SHAPES, "--output", out(), "--boxes", detections).failed(1, "d.json", "--image-id");
    }

    @Test
    void whatCannotBeAnsweredIsNamedAndTheRestAnswered() throws IOException {
        Path file = Files.writeString(
                folder.resolve("b.json"),
                "[{\"id\":4,\"bbox\":[10,10,0,0]},{\"id\":5,\"bbox\":[17,11,101,97]},{\"id\":6}]");
        Cli.Outcome outcome =
                run("segment", SHAPES, "--boxes", file, "--output", out()).done();
        assertTrue(
                outcome.err().contains("annotation 4 is left out: the box 10.0,10.0,10.0,10.0 is flat"), outcome.err());
        JsonNode result = json(out().resolve("result.json"));
        assertEquals(1, result.get("masks").size());
        assertEquals(5, result.get("masks").get(0).get("annotation_id").asInt());
        assertEquals(2, result.get("skipped").size());
        assertEquals(6, result.get("skipped").get(1).get("annotation_id").asInt());
    }

    @Test
    void noBoxesAreAnEmptyResult() throws IOException {
        Path file = Files.writeString(folder.resolve("b.json"), "[]");
        Cli.Outcome outcome =
                run("segment", SHAPES, "--boxes", file, "--output", out()).done();
        assertTrue(outcome.err().contains("no objects"), outcome.err());
        assertEquals(Set.of("overlay.png", "cutout.png", "result.json"), names(out()));
        assertEquals("[]", json(out().resolve("result.json")).get("masks").toString());
    }

    @Test
    void picturesAndBoxesComeFromStandardInput() throws IOException {
        InputStream before = System.in;
        try {
            System.setIn(Files.newInputStream(SHAPES));
            run("segment", "-", "--box", BLOB_BOX, "--output", out()).done();
            Mask expected = mask(0);
            System.setIn(new ByteArrayInputStream(("[[" + BLOB_BOX + "]]").getBytes()));
            run("segment", SHAPES, "--boxes", "-", "--output", out()).done();
            assertEquals(expected, mask(0));
            System.setIn(new ByteArrayInputStream(new byte[0]));
            run("segment", "-", "--boxes", "-", "--output", out()).failed(2, "standard input", "both");
            run("segment", SHAPES, "--boxes", "-", "--output", out()).failed(1, "standard input is empty");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void boxesOfAPictureAsStoredAreToldFromThoseOfThePictureTurned() throws IOException {
        Path picture = Files.write(folder.resolve("t.jpg"), TestFiles.turnedJpeg(60, 40));
        String boxes = "{\"images\":[{\"id\":1,\"file_name\":\"t.jpg\",\"width\":60,\"height\":40}],"
                + "\"annotations\":[{\"image_id\":1,\"bbox\":[15,10,30,20]}]}";
        Path file = Files.writeString(folder.resolve("t.json"), boxes);
        run("segment", picture, "--boxes", file, "--output", out()).failed(1, "60x40", "40x60", "--ignore-exif");
        run("segment", picture, "--boxes", file, "--ignore-exif", "--output", out())
                .done();
    }

    @Test
    void hundredsOfBoxesInOneGo() throws IOException {
        StringBuilder boxes = new StringBuilder("[[" + BLOB_BOX + "]");
        for (int i = 1; i < 200; i++) {
            boxes.append(",[").append(i).append(",10,").append(i + 100).append(",110]");
        }
        Path file = Files.writeString(folder.resolve("boxes.json"), boxes.append("]"));
        Cli.Outcome outcome =
                run("segment", SHAPES, "--boxes", file, "--output", out()).done();
        assertEquals(200, json(out().resolve("result.json")).get("masks").size());
        assertEquals(200 + 3, names(out()).size());
        assertTrue(outcome.err().contains("objects: 50 % of 200"), outcome.err());
    }

    @Test
    void aYamlFileWithItsCheckpointIsAModel() throws IOException {
        run("segment", SHAPES, "--box", BLOB_BOX, "--output", out()).done();
        Mask expected = mask(0);
        Cli.Outcome outcome = run(
                        "segment",
                        SHAPES,
                        "--model",
                        Cli.DEMO_YAML,
                        "--checkpoint",
                        Cli.DEMO_CHECKPOINT,
                        "--box",
                        BLOB_BOX,
                        "--device",
                        "cpu",
                        "--precision",
                        "fp32",
                        "--threads",
                        "1",
                        "--output",
                        out())
                .done();
        assertEquals(expected, mask(0));
        assertFalse(outcome.err().contains("photographs"), "only the bundled model is for drawn scenes");
    }

    /** Nearly the same mask, or one sentence that says what is missing. */
    @Test
    void bf16WhereTheProcessorHasIt() throws IOException {
        run("segment", SHAPES, "--box", BLOB_BOX, "--output", out()).done();
        Mask expected = mask(0);
        Cli.Outcome outcome =
                run("segment", SHAPES, "--box", BLOB_BOX, "--device", "cpu", "--precision", "bf16", "--output", out());
        String reason = Bf16Kernels.unavailableReason();
        if (reason != null) {
            outcome.failed(1, "bf16 on the cpu is not available: " + reason);
            return;
        }
        outcome.done();
        assertEquals("bf16", json(out().resolve("result.json")).get("precision").asText());
        assertTrue(mask(0).iou(expected) > 0.98);
    }

    @Test
    void thresholdAndClean() throws IOException {
        run("segment", SHAPES, "--box", BLOB_BOX, "--output", out()).done();
        int area = mask(0).area();
        run("segment", SHAPES, "--box", BLOB_BOX, "--mask-threshold", "4", "--output", out())
                .done();
        assertTrue(mask(0).area() < area);
        run("segment", SHAPES, "--box", BLOB_BOX, "--max-hole-area", "100000", "--output", out())
                .done();
        assertTrue(mask(0).area() > area, "the blob has a hole");
        run("segment", SHAPES, "--box", BLOB_BOX, "--mask-threshold", "1000", "--output", out())
                .done();
        assertEquals(0, mask(0).area());
        assertEquals(
                "[0,0,0,0]",
                json(out().resolve("result.json"))
                        .get("masks")
                        .get(0)
                        .get("bbox")
                        .toString());
    }

    /** A point on the empty ground, where the single mask is unstable: the default falls back to the best of three. */
    @Test
    void withoutPostprocessingAnUnstableSingleMaskStays() throws IOException {
        List<Float> three = scores("--multimask");
        assertEquals(3, three.size());
        List<Float> single = scores("--single");
        List<Float> bare = scores("--single", "--no-postprocessing");
        assertEquals(List.of(Collections.max(three)), single);
        assertFalse(three.contains(bare.get(0)), "the unstable mask is none of the three");
    }

    private List<Float> scores(String... more) throws IOException {
        List<Object> args = new ArrayList<>(List.of("segment", SHAPES, "--point", "160,120", "--output", out()));
        args.addAll(List.of(more));
        run(args.toArray()).done();
        List<Float> scores = new ArrayList<>();
        json(out().resolve("result.json"))
                .get("masks")
                .forEach(entry -> scores.add(entry.get("score").floatValue()));
        return scores;
    }

    @Test
    void quietSaysNothing() {
        Cli.Outcome outcome = run("segment", SHAPES, "--box", BLOB_BOX, "--quiet", "--output", out())
                .done();
        assertEquals("", outcome.err());
        assertEquals("", outcome.out());
    }

    @Test
    void logLinesAreShortMessages() {
        Cli.Outcome outcome =
                run("segment", SHAPES, "--box", BLOB_BOX, "--output", out()).done();
        assertTrue(outcome.err().contains("sam2j: using CPU, "), outcome.err());
        outcome.err().lines().forEach(line -> assertTrue(line.startsWith("sam2j: "), line));
    }
}
