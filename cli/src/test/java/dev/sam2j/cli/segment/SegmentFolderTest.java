package dev.sam2j.cli.segment;

import static dev.sam2j.cli.Cli.SHAPES;
import static dev.sam2j.cli.Cli.json;
import static dev.sam2j.cli.Cli.names;
import static dev.sam2j.cli.Cli.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.cli.Cli;
import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many pictures in one run of {@code sam2j segment}, and the formats of other programs. */
class SegmentFolderTest {
    private static final String BLOB = "[17,11,101,97]";
    private static final String GEAR = "[152,15,167,169]";

    @TempDir
    private Path folder;

    private Path pictures;
    private Path boxes;

    @BeforeEach
    void copySamples() throws IOException {
        pictures = Files.createDirectory(folder.resolve("pictures"));
        Files.copy(SHAPES, pictures.resolve("a.png"));
        Files.copy(SHAPES.resolveSibling("gears.png"), pictures.resolve("b.png"));
        Files.copy(SHAPES, pictures.resolve("c.png"));
        boxes = Files.writeString(
                folder.resolve("coco.json"),
                "{\"annotations\":[{\"id\":5,\"image_id\":2,\"category_id\":7,\"bbox\":" + GEAR + "},"
                        + "{\"id\":6,\"image_id\":1,\"category_id\":3,\"bbox\":" + BLOB + "}],\"images\":["
                        + "{\"id\":1,\"file_name\":\"pictures/a.png\",\"width\":320,\"height\":240},"
                        + "{\"id\":2,\"file_name\":\"b.png\",\"width\":480,\"height\":360}]}");
    }

    private Path out() {
        return folder.resolve("out");
    }

    private Cli.Outcome segment(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("segment", pictures, "--output", out(), "--boxes", boxes));
        arguments.addAll(Arrays.asList(more));
        return run(arguments.toArray());
    }

    @Test
    void everyPictureGetsItsBoxesAndAFolder() throws IOException {
        Cli.Outcome outcome = segment("--format", "png,coco").done();
        assertEquals(Set.of("a", "b", "coco.json"), names(out()));
        assertEquals(Set.of("mask_0.png", "coco.json", "result.json"), names(out().resolve("a")));
        assertTrue(outcome.err().contains("1 of 3 pictures are not in the file of boxes"), outcome.err());
        assertEquals(
                5,
                json(out().resolve("b/result.json"))
                        .at("/masks/0/annotation_id")
                        .asInt());

        JsonNode all = json(out().resolve("coco.json"));
        assertEquals("a.png", all.at("/images/0/file_name").asText());
        assertEquals(480, all.at("/images/1/width").asInt());
        assertEquals(
                "[{\"id\":3,\"name\":\"3\"},{\"id\":7,\"name\":\"7\"}]",
                all.get("categories").toString());
        for (int i = 0; i < 2; i++) {
            JsonNode annotation = all.get("annotations").get(i);
            assertEquals(i + 1, annotation.get("id").asInt());
            assertEquals(i + 1, annotation.get("image_id").asInt());
            JsonNode size = annotation.at("/segmentation/size");
            String counts = annotation.at("/segmentation/counts").asText();
            Mask mask = MaskPng.read(out().resolve(i == 0 ? "a" : "b").resolve("mask_0.png"));
            assertEquals(
                    mask,
                    CocoRle.ofCompressed(size.get(1).asInt(), size.get(0).asInt(), counts)
                            .toMask());
        }
    }

    @Test
    void aSecondRunMakesOnlyWhatIsMissingOrDifferent() throws IOException {
        segment("--format", "coco").done();
        byte[] first = Files.readAllBytes(out().resolve("coco.json"));
        Files.delete(out().resolve("b/result.json"));
        Files.delete(out().resolve("coco.json"));
        Cli.Outcome outcome = segment("--format", "coco").done();
        assertTrue(outcome.err().contains("1 of 3 pictures were finished already"), outcome.err());
        assertEquals(new String(first), Files.readString(out().resolve("coco.json")));

        Files.copy(
                SHAPES.resolveSibling("crowd.png"),
                pictures.resolve("a.png"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        outcome = segment("--format", "coco");
        assertEquals(1, outcome.code(), "the size of another picture contradicts the file");
        assertTrue(outcome.err().contains("400x300"), outcome.err());
        outcome = segment("--format", "coco", "--mask-threshold", "1");
        assertFalse(outcome.err().contains("finished already"), "other settings give other results");
    }

    @Test
    void aPictureThatFailsDoesNotStopTheOthers() throws IOException {
        Files.writeString(pictures.resolve("b.png"), "no picture");
        Cli.Outcome outcome = segment();
        assertEquals(1, outcome.code());
        assertTrue(
                outcome.err().contains("b.png") && outcome.err().contains("1 of 3 pictures could not"), outcome.err());
        assertTrue(Files.exists(out().resolve("a/result.json")));
        assertFalse(Files.exists(out().resolve("b")));
    }

    @Test
    void aFolderOfLabelsHasAFileForEachPicture() throws IOException {
        boxes = Files.createDirectory(folder.resolve("labels"));
        Files.writeString(boxes.resolve("a.txt"), "4 0.2109 0.2479 0.3156 0.4042\n");
        Files.writeString(boxes.resolve("b.txt"), "");
        segment("--format", "yolo,yolo-seg,rle,polygons").done();
        assertEquals(Set.of("a", "b"), names(out()));
        String[] line = Files.readString(out().resolve("a/yolo.txt")).strip().split(" ");
        assertEquals("4", line[0]);
        int[] box = {17, 11, 101, 97};
        assertEquals((box[0] + box[2] / 2.0) / 320, Double.parseDouble(line[1]), 0.02);
        assertEquals(box[3] / 240.0, Double.parseDouble(line[4]), 0.02);
        assertTrue(Files.readString(out().resolve("a/yolo-seg.txt")).startsWith("4 0."));
        assertEquals("", Files.readString(out().resolve("b/yolo.txt")));
        assertEquals("[]", Files.readString(out().resolve("b/rle.json")));
        assertEquals(
                1, json(out().resolve("a/polygons.geojson")).get("features").size());
    }

    @Test
    void promptsOfTheCommandLineAreAskedOfEveryPicture() throws IOException {
        run("segment", pictures, "--output", out(), "--box", "17,11,118,108", "--format", "yolo")
                .done();
        assertEquals(Set.of("a", "b", "c"), names(out()));
        assertTrue(Files.readString(out().resolve("c/yolo.txt")).startsWith("0 "));
    }
}
