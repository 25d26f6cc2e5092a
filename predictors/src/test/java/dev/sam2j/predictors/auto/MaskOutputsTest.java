package dev.sam2j.predictors.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sam2j.predictors.auto.AutomaticMaskOptions.OutputMode;
import dev.sam2j.predictors.auto.files.MaskFiles;
import dev.sam2j.predictors.auto.files.MaskOrder;
import dev.sam2j.predictors.auto.files.MaskPictures;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.predictors.mask.PixelBox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskOutputsTest {
    private static final int WIDTH = 12;
    private static final int HEIGHT = 8;
    private static final Mask LARGE = box(1, 1, 8, 6).andNot(box(3, 3, 4, 4));
    private static final Mask SMALL = box(6, 2, 10, 3);
    private static final List<AutomaticMask> MASKS = List.of(mask(LARGE, 0.9f), mask(SMALL, 0.8f));

    @TempDir
    Path folder;

    private static Mask box(int x0, int y0, int x1, int y1) {
        return Mask.ofBox(WIDTH, HEIGHT, new PixelBox(x0, y0, x1, y1));
    }

    private static AutomaticMask mask(Mask mask, float iou) {
        CropBox crop = new CropBox(0, 0, WIDTH, HEIGHT, 0);
        return new AutomaticMask(CocoRle.of(mask), AutomaticMask.bounds(mask), iou, 2.5f, 1.5f, 0.5f, crop);
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void cocoDataSet() throws IOException {
        Path file = folder.resolve("a.json");
        MaskJson.writeCoco(file, "a \"b\".png", WIDTH, HEIGHT, MASKS);
        JsonNode data = json(file);
        JsonNode image = data.get("images").get(0);
        assertEquals("a \"b\".png", image.get("file_name").asText());
        assertEquals(WIDTH, image.get("width").asInt());
        assertEquals(2, data.get("annotations").size());
        JsonNode first = data.get("annotations").get(0);
        assertEquals(image.get("id"), first.get("image_id"));
        assertEquals(data.get("categories").get(0).get("id"), first.get("category_id"));
        assertEquals(44, first.get("area").asInt());
        assertEquals("[1,1,8,6]", first.get("bbox").toString());
        assertEquals("[8,12]", first.get("segmentation").get("size").toString());
        String counts = first.get("segmentation").get("counts").asText();
        assertEquals(LARGE, CocoRle.ofCompressed(WIDTH, HEIGHT, counts).toMask());
        assertEquals("[[2.5,1.5]]", first.get("point_coords").toString());
        assertEquals("[0,0,12,8]", first.get("crop_box").toString());
    }

    @Test
    void recordsInEachMode() throws IOException {
        Path file = folder.resolve("a.json");
        MaskJson.writeRecords(file, MASKS, OutputMode.COCO_RLE);
        JsonNode record = json(file).get(1);
        assertEquals("[6,2,4,1]", record.get("bbox").toString());
        assertEquals(
                CocoRle.of(SMALL).toCompressed(),
                record.get("segmentation").get("counts").asText());
        MaskJson.writeRecords(file, MASKS, OutputMode.UNCOMPRESSED_RLE);
        assertEquals(
                "[50,2,6,2,6,2,6,2,6,2,12]",
                json(file).get(1).get("segmentation").get("counts").toString());
        MaskJson.writeRecords(file, MASKS, OutputMode.BINARY_MASK);
        JsonNode rows = json(file).get(1).get("segmentation");
        assertEquals(HEIGHT, rows.size());
        assertEquals("[0,0,0,0,0,0,1,1,1,1,1,0]", rows.get(2).toString());
    }

    @Test
    void polygonsWithHoles() throws IOException {
        Path file = folder.resolve("a.geojson");
        MaskJson.writePolygons(file, MASKS);
        JsonNode geometry = json(file).get("features").get(0).get("geometry");
        assertEquals(2, geometry.get("coordinates").get(0).size());
        JsonNode outer = geometry.get("coordinates").get(0).get(0);
        assertEquals("[[9,1],[9,7],[1,7],[1,1],[9,1]]", outer.toString());
        assertEquals(5, geometry.get("coordinates").get(0).get(1).size());
    }

    @Test
    void emptyMasksAndNoMasks() throws IOException {
        AutomaticMask empty = new AutomaticMask(
                CocoRle.of(Mask.empty(WIDTH, HEIGHT)),
                new PixelBox(0, 0, 0, 0),
                0.5f,
                0,
                0,
                Float.NaN,
                new CropBox(0, 0, WIDTH, HEIGHT, 0));
        Path file = folder.resolve("a.json");
        MaskJson.writeCoco(file, "a.png", WIDTH, HEIGHT, List.of(empty));
        JsonNode annotation = json(file).get("annotations").get(0);
        assertEquals("[0,0,0,0]", annotation.get("bbox").toString());
        assertTrue(annotation.get("stability_score").isNull());
        MaskJson.writeCoco(file, "a.png", WIDTH, HEIGHT, List.of());
        assertEquals("[]", json(file).get("annotations").toString());
        MaskFiles.writeCsv(folder.resolve("a.csv"), List.of());
        assertEquals(1, Files.readAllLines(folder.resolve("a.csv")).size());
        assertEquals(
                0, MaskPictures.labels(WIDTH, HEIGHT, List.of(), MaskOrder.AREA).objects().length);
        MaskFiles.writePngs(folder.resolve("masks"), List.of());
        assertTrue(Files.isDirectory(folder.resolve("masks")));
    }

    @Test
    void csvHasALinePerMask() throws IOException {
        Path file = folder.resolve("a.csv");
        MaskFiles.writeCsv(file, MASKS);
        List<String> lines = Files.readAllLines(file);
        assertEquals(3, lines.size());
        assertEquals("2,10,6,2,5,2,0.8,0.5,2.5,1.5,0,0,12,8", lines.get(2));
        assertEquals(lines.get(0).split(",").length, lines.get(2).split(",").length);
    }

    @Test
    void labelsGoToTheBetterOrTheSmallerMask() {
        LabelMap byScore = MaskPictures.labels(WIDTH, HEIGHT, MASKS, MaskOrder.PREDICTED_IOU);
        assertEquals(LARGE, byScore.mask(1));
        assertEquals(SMALL.andNot(LARGE), byScore.mask(2));
        LabelMap byArea = MaskPictures.labels(WIDTH, HEIGHT, MASKS, MaskOrder.AREA);
        assertEquals(SMALL, byArea.mask(2));
        assertEquals(LARGE.andNot(SMALL), byArea.mask(1));
        assertEquals(0, byArea.get(0, 0));
    }

    @Test
    void overlayDrawsSmallMasksLast() {
        Picture picture = Picture.of(new byte[WIDTH * HEIGHT * 3], WIDTH, HEIGHT);
        Picture drawn = MaskPictures.overlay(picture, List.of(MASKS.get(1), MASKS.get(0)));
        assertEquals(0, drawn.pixel(0, 0));
        Picture small = MaskPictures.overlay(picture, List.of(MASKS.get(1)));
        assertEquals(small.pixel(6, 2), drawn.pixel(6, 2), "the outline of the small mask lies on top");
    }

    @Test
    void foldersAreReplacedWhole() throws IOException {
        Path masks = folder.resolve("deep/masks");
        MaskFiles.writePngs(masks, MASKS);
        assertEquals(LARGE, MaskPng.read(masks.resolve("0001.png"), ReadOptions.DEFAULT));
        assertEquals(SMALL, MaskPng.read(masks.resolve("0002.png"), ReadOptions.DEFAULT));
        MaskFiles.writePngs(masks, MASKS.subList(0, 1));
        assertFalse(Files.exists(masks.resolve("0002.png")));
        Files.writeString(masks.resolve("notes.txt"), "mine");
        MaskFiles.writePngs(masks, MASKS);
        assertEquals("mine", Files.readString(masks.resolve("notes.txt")));
        assertTrue(Files.exists(masks.resolve("0002.png")));
        try (Stream<Path> left = Files.list(masks.getParent())) {
            assertEquals(List.of(masks), left.toList());
        }
    }

    @Test
    void foldersHaveOrdinaryPermissions() throws IOException {
        assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"));
        MaskFiles.writePngs(folder.resolve("masks"), MASKS);
        Path ordinary = Files.createDirectory(folder.resolve("ordinary"));
        assertEquals(Files.getPosixFilePermissions(ordinary), Files.getPosixFilePermissions(folder.resolve("masks")));
    }

    @Test
    void cutoutsHaveTheSizeOfTheirBoxes() throws IOException {
        byte[] white = new byte[WIDTH * HEIGHT * 3];
        Arrays.fill(white, (byte) 255);
        MaskFiles.writeCutouts(folder.resolve("cut"), Picture.of(white, WIDTH, HEIGHT), MASKS);
        Picture second = Picture.read(folder.resolve("cut/0002.png"));
        assertEquals("Picture[5x2]", second.toString());
        assertEquals(0xFFFFFF, second.pixel(0, 0));
        Picture first = Picture.read(folder.resolve("cut/0001.png"));
        assertEquals(0, first.pixel(2, 2));
    }
}
