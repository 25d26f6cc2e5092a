package dev.sam2j.cli.auto;

import static dev.sam2j.cli.Cli.SHAPES;
import static dev.sam2j.cli.Cli.json;
import static dev.sam2j.cli.Cli.names;
import static dev.sam2j.cli.Cli.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.Cli;
import dev.sam2j.cli.TestFiles;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.weights.CheckpointConverter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code sam2j auto} finds and writes, with the demo model. */
class AutoCommandTest {
    @TempDir
    private Path folder;

    private Path out() {
        return folder.resolve("out");
    }

    private Cli.Outcome auto(Object input, Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("auto", input, "--output", out()));
        arguments.addAll(List.of("--points-per-side", 6, "--pred-iou-thresh", 0.35, "--stability-score-thresh", 0.7));
        arguments.addAll(Arrays.asList(more));
        return run(arguments.toArray());
    }

    private Path pictures() throws IOException {
        Path pictures = Files.createDirectory(folder.resolve("pictures"));
        Files.write(pictures.resolve("a.png"), TestFiles.png(96, 64, BufferedImage.TYPE_INT_RGB));
        Files.write(pictures.resolve("b.PNG"), TestFiles.png(64, 96, BufferedImage.TYPE_BYTE_GRAY));
        Files.writeString(pictures.resolve("notes.txt"), "not a picture");
        return pictures;
    }

    @Test
    void allFormatsAgree() throws IOException {
        auto(SHAPES, "--format", "coco,json,png,labels,csv,polygons,overlay,cutouts")
                .done();
        assertEquals(
                new TreeSet<>(List.of(
                        "sam2j-auto.json",
                        "shapes.coco.json",
                        "shapes.csv",
                        "shapes.cutouts",
                        "shapes.geojson",
                        "shapes.json",
                        "shapes.labels.png",
                        "shapes.masks",
                        "shapes.overlay.png")),
                names(out()));
        JsonNode annotations = json(out().resolve("shapes.coco.json")).get("annotations");
        int count = annotations.size();
        assertTrue(count > 2, count + " masks");
        assertEquals(count, json(out().resolve("shapes.json")).size());
        assertEquals(
                count, json(out().resolve("shapes.geojson")).get("features").size());
        assertEquals(count + 1, Files.readAllLines(out().resolve("shapes.csv")).size());
        assertEquals(count, names(out().resolve("shapes.cutouts")).size());
        JsonNode size = annotations.get(0).get("segmentation").get("size");
        for (int i = 0; i < count; i++) {
            CocoRle rle = CocoRle.ofCompressed(
                    size.get(1).asInt(),
                    size.get(0).asInt(),
                    annotations.get(i).get("segmentation").get("counts").asText());
            Path png = out().resolve("shapes.masks").resolve(String.format(Locale.ROOT, "%04d.png", i + 1));
            assertEquals(rle.toMask(), MaskPng.read(png, ReadOptions.DEFAULT));
        }
        int[] labels = MaskPng.readLabels(out().resolve("shapes.labels.png"), ReadOptions.DEFAULT)
                .objects();
        assertTrue(labels.length > 0 && labels[labels.length - 1] <= count);
    }

    @Test
    void aStoppedRunContinues() throws IOException {
        Path pictures = pictures();
        auto(pictures, "--format", "coco").done();
        assertEquals(
                new TreeSet<>(List.of("a.coco.json", "b.coco.json", AutoCommand.MERGED, "sam2j-auto.json")),
                names(out()));
        FileTime old = FileTime.fromMillis(0);
        Files.setLastModifiedTime(out().resolve("a.coco.json"), old);
        Files.delete(out().resolve("b.coco.json"));
        Cli.Outcome again = auto(pictures, "--format", "coco").done();
        assertTrue(again.err().contains("1 of 2 pictures are finished already"), again.err());
        assertEquals(old, Files.getLastModifiedTime(out().resolve("a.coco.json")));
        assertTrue(Files.exists(out().resolve("b.coco.json")));
        Cli.Outcome finished = auto(pictures, "--format", "coco").done();
        assertTrue(finished.err().contains("2 of 2 pictures are finished already"), finished.err());
    }

    @Test
    void anotherPicturesResultsAreNotFinished() throws IOException {
        Path pictures = pictures();
        auto(pictures, "--format", "coco").done();
        String before = Files.readString(out().resolve("a.coco.json"));
        Files.write(pictures.resolve("a.png"), TestFiles.png(80, 64, BufferedImage.TYPE_INT_RGB));
        Cli.Outcome again = auto(pictures, "--format", "coco").done();
        assertTrue(again.err().contains("1 of 2 pictures are finished already"), again.err());
        assertTrue(again.err().contains("1 of 2 pictures have results of other content"), again.err());
        String after = Files.readString(out().resolve("a.coco.json"));
        assertNotEquals(before, after);
        assertTrue(after.contains("80"), after);
        // One of the same name and size from elsewhere, to a single picture's results too.
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere")).resolve("a.png");
        byte[] other = Files.readAllBytes(pictures.resolve("a.png"));
        other[other.length - 30] ^= 1; // in the checksum's reach
        Files.write(elsewhere, other);
        assertFalse(auto(elsewhere, "--format", "coco").err().contains("finished already"));
    }

    @Test
    void otherWeightsAreOtherSettings() throws IOException {
        Path weights = Files.copy(Cli.DEMO_CHECKPOINT, folder.resolve("w.pt"));
        Object[] options = {"--format", "csv", "--checkpoint", weights, "--model", "demo"};
        auto(SHAPES, options).done();
        assertTrue(auto(SHAPES, options).done().err().contains("1 of 1 pictures are finished already"));
        CheckpointConverter.convert(Cli.DEMO_CHECKPOINT, folder.resolve("converted"));
        Files.move(folder.resolve("converted"), weights, StandardCopyOption.REPLACE_EXISTING);
        auto(SHAPES, options).failed(1, "other settings (weights)");
    }

    @Test
    void resultsOfVersionsWithoutContentAreMadeAgain() throws IOException {
        auto(SHAPES, "--format", "csv").done();
        Path file = out().resolve("sam2j-auto.json");
        ObjectNode settings = (ObjectNode) json(file);
        settings.remove(List.of("weights", "pictures"));
        Files.writeString(file, settings.toString());
        Files.writeString(out().resolve("shapes.csv"), "of an older version");
        auto(SHAPES, "--format", "csv").done();
        assertTrue(Files.readString(out().resolve("shapes.csv")).startsWith("id,area"));
        assertTrue(auto(SHAPES, "--format", "csv").done().err().contains("1 of 1 pictures are finished already"));
    }

    @Test
    void anAddedFormatIsMadeAndCounts() throws IOException {
        auto(SHAPES, "--format", "csv").done();
        auto(SHAPES, "--format", "labels").done();
        Cli.Outcome both = auto(SHAPES, "--format", "csv,labels").done();
        assertTrue(both.err().contains("1 of 1 pictures are finished already"), both.err());
    }

    @Test
    void anUnusableOutputIsToldBeforeTheWork() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Cli.run("auto", SHAPES, "-o", file.resolve("out")).failed(1, "output folder", "is a file");
        Cli.run("auto", SHAPES, "-o", file).failed(1, "output folder", "is a file");
    }

    @Test
    void otherSettingsAreNotMixedIn() throws IOException {
        auto(SHAPES, "--format", "csv").done();
        auto(SHAPES, "--format", "csv", "--box-nms-thresh", 0.5).failed(1, "other settings (box_nms_thresh)");
        auto(SHAPES, "--format", "csv", "--box-nms-thresh", 0.5, "--overwrite").done();
    }

    @Test
    void aFolderGetsOneDataSetOfAllPictures() throws IOException {
        Path pictures = pictures();
        auto(pictures, "--format", "coco").done();
        Path merged = out().resolve(AutoCommand.MERGED);
        String first = Files.readString(merged);
        JsonNode all = json(merged);
        assertEquals("a.png", all.at("/images/0/file_name").asText());
        assertEquals("b.PNG", all.at("/images/1/file_name").asText());
        assertEquals(96, all.at("/images/1/height").asInt());
        assertEquals("[{\"id\":1,\"name\":\"object\"}]", all.get("categories").toString());
        JsonNode own = json(out().resolve("a.coco.json")).get("annotations");
        int id = 0;
        for (JsonNode annotation : all.get("annotations")) {
            assertEquals(++id, annotation.get("id").asInt());
            assertEquals(id <= own.size() ? 1 : 2, annotation.get("image_id").asInt());
        }
        assertEquals(
                own.get(0).get("segmentation"), all.get("annotations").get(0).get("segmentation"));
        assertEquals(
                own.size()
                        + json(out().resolve("b.coco.json")).get("annotations").size(),
                id);

        Files.delete(out().resolve("b.coco.json"));
        Files.delete(merged);
        auto(pictures, "--format", "coco").done();
        assertEquals(first, Files.readString(merged));
    }

    @Test
    void aBrokenPictureDoesNotStopTheOthers() throws IOException {
        Path pictures = pictures();
        Files.writeString(pictures.resolve("aa.jpg"), "no picture");
        Cli.Outcome outcome = auto(pictures, "--format", "csv");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("aa.jpg"), outcome.err());
        assertTrue(outcome.err().contains("1 of 3 pictures could not be read"), outcome.err());
        assertTrue(Files.exists(out().resolve("b.csv")));
        assertFalse(Files.exists(out().resolve("aa.csv")));
    }

    @Test
    void picturesOfOneNameAreKeptApart() throws IOException {
        Path pictures = pictures();
        Files.copy(pictures.resolve("a.png"), pictures.resolve("A.bmp"));
        auto(pictures, "--format", "csv").done();
        assertEquals(new TreeSet<>(List.of("A.bmp.csv", "a.png.csv", "b.csv", "sam2j-auto.json")), names(out()));
    }

    @Test
    void whatIsNotTakenIsNamedAndSubfoldersAreEnteredOnDemand() throws IOException {
        Path pictures = pictures();
        Files.writeString(pictures.resolve("photo.psd"), "of another kind");
        Path deep = Files.createDirectories(pictures.resolve("cam1").resolve("raw"));
        Files.write(deep.resolve("a.bmp"), TestFiles.encoded(TestFiles.square(40, 30, 1), "bmp"));
        Files.write(pictures.resolve("cam1").resolve("a.tif"), TestFiles.encoded(TestFiles.square(40, 30, 1), "tiff"));
        Cli.Outcome flat = auto(pictures, "--format", "csv").done();
        assertTrue(
                flat.err()
                        .contains("left out 2 other files (notes.txt, photo.psd), 1 subfolder (cam1);"
                                + " --recursive enters subfolders"),
                flat.err());
        assertEquals(new TreeSet<>(List.of("a.csv", "b.csv", "sam2j-auto.json")), names(out()));
        auto(pictures, "--format", "coco", "--recursive").done();
        for (String name : List.of("a.png", "b.PNG", "cam1/a.tif", "cam1/raw/a.bmp")) {
            JsonNode coco = json(out().resolve(name.substring(0, name.lastIndexOf('.')) + ".coco.json"));
            assertEquals(name, coco.get("images").get(0).get("file_name").asText());
        }
    }

    @Test
    void ownPoints() throws IOException {
        Path grid = folder.resolve("grid.json");
        Files.writeString(grid, "[[[0.5, 0.5], [0.25, 0.3]]]");
        run("auto", SHAPES, "-o", out(), "--point-grids", grid, "--pred-iou-thresh", 0, "--stability-score-thresh", 0)
                .done();
        Files.writeString(grid, "[[[0.5, 2]]]");
        run("auto", SHAPES, "-o", folder.resolve("x"), "--point-grids", grid)
                .failed(2, "coordinates must be from 0 to 1, got 2.0");
    }

    @Test
    void wrongUseIsToldInOneSentence() throws IOException {
        auto(SHAPES, "--crop-n-layers", 9).failed(2, "crop layers: expected from 0 to 8, got 9");
        auto(SHAPES, "--format", "gif").failed(2, "gif");
        auto(folder.resolve("missing.png")).failed(1, "missing.png does not exist");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        auto(empty).failed(1, "holds no pictures");
        Path pictures = pictures();
        run("auto", pictures, "--output", pictures).failed(2, "cannot go into the folder of the pictures");
        Path text = pictures.resolve("notes.txt");
        auto(text).failed(1, "notes.txt");
        assertFalse(Files.exists(out()), "failures leave nothing behind");
    }
}
