package dev.sam2j.cli.train;

import static dev.sam2j.cli.Cli.names;
import static dev.sam2j.cli.Cli.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cli.Cli;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.predictors.mask.PixelBox;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code sam2j train} on small drawn pictures, in every kind of annotations. */
class TrainCommandTest {
    private static final int WIDTH = 64;
    private static final int HEIGHT = 48;
    private static final int[][] SQUARES = {{6, 8, 20, 18}, {34, 14, 22, 24}};

    @TempDir
    private Path folder;

    private Path images;
    private Path labels;
    private Path out;

    @BeforeEach
    void drawPictures() throws IOException {
        images = Files.createDirectory(folder.resolve("images"));
        labels = Files.createDirectory(folder.resolve("labels"));
        out = folder.resolve("new").resolve("run");
        for (int i = 0; i < 3; i++) {
            draw(images.resolve("p" + i + ".png"), i);
            MaskPng.write(LabelMap.ofMasks(WIDTH, HEIGHT, List.of(mask(0), mask(1))), labels.resolve("p" + i + ".png"));
        }
    }

    private static void draw(Path file, int shade) throws IOException {
        BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D paint = picture.createGraphics();
        paint.setColor(new Color(150, 150 + shade, 150));
        paint.fillRect(0, 0, WIDTH, HEIGHT);
        paint.setColor(Color.BLUE);
        for (int[] square : SQUARES) {
            paint.fillRect(square[0], square[1], square[2], square[3]);
        }
        ImageIO.write(picture, "png", file.toFile());
    }

    private static Mask mask(int number) {
        int[] square = SQUARES[number];
        return Mask.ofBox(
                WIDTH,
                HEIGHT,
                new PixelBox(square[0], square[1], square[0] + square[2] - 1, square[1] + square[3] - 1));
    }

    private static String ring(int number) {
        int[] s = SQUARES[number];
        int right = s[0] + s[2];
        int bottom = s[1] + s[3];
        return Arrays.toString(new int[] {s[0], s[1], right, s[1], right, bottom, s[0], bottom});
    }

    private String coco() {
        StringBuilder annotations = new StringBuilder();
        StringBuilder pictures = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            pictures.append(i == 0 ? "" : ",")
                    .append("{'id':" + i + ",'file_name':'p" + i + ".png','width':64,'height':48}");
            for (int k = 0; k < 2; k++) {
                annotations
                        .append(i + k == 0 ? "" : ",")
                        .append("{'id':" + (10 * i + k) + ",'image_id':" + i + ",'category_id':1,'iscrowd':0,")
                        .append("'segmentation':[" + ring(k) + "]}");
            }
        }
        return "{'images':[" + pictures + "],'annotations':[" + annotations
                + "],'categories':[{'id':1,'name':'square'}]}";
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text.replace('\'', '"'));
    }

    private Cli.Outcome train(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("train", "--device", "cpu", "--output", out));
        arguments.addAll(List.of("--batch", 1, "--objects", 2, "--corrections", 0, "--augment", "none"));
        arguments.addAll(Arrays.asList(more));
        return run(arguments.toArray());
    }

    private Object[] labelled(Object... more) {
        return Stream.concat(Stream.of("--data", "labels:" + labels, "--images", images), Stream.of(more))
                .toArray();
    }

    /** Expects one sentence after what has been said of the data, and that nothing was made. */
    private void refused(int code, Cli.Outcome outcome, String... words) {
        assertEquals(code, outcome.code(), outcome.err());
        String last = outcome.err().lines().reduce((before, line) -> line).orElseThrow();
        assertTrue(last.startsWith("sam2j: "), outcome.err());
        for (String word : words) {
            assertTrue(last.contains(word), "expected '" + word + "' in: " + outcome.err());
        }
        assertFalse(outcome.err().contains("unexpected failure"), outcome.err());
        assertEquals("", outcome.out());
        assertFalse(Files.exists(out.getParent()), "something was made");
    }

    @Test
    void everyKindOfAnnotations() throws IOException {
        write("coco.json", coco());
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < 2; k++) {
                Path own = Files.createDirectories(folder.resolve("masks/p" + i));
                MaskPng.write(mask(k), own.resolve(k + ".png"));
            }
            Files.createDirectories(folder.resolve("labelme"));
            Files.copy(images.resolve("p" + i + ".png"), folder.resolve("labelme/p" + i + ".png"));
            write(
                    "labelme/p" + i + ".json",
                    "{'version':'5','imagePath':'p" + i + ".png','imageWidth':64,'imageHeight':48,'shapes':["
                            + "{'label':'a','shape_type':'rectangle','points':[[6,8],[26,26]]},"
                            + "{'label':'b','shape_type':'rectangle','points':[[34,14],[56,38]]}]}");
            write(
                    "yolo/p" + i + ".txt",
                    "0 0.09375 0.1667 0.40625 0.1667 0.40625 0.5417 0.09375 0.5417\n"
                            + "1 0.53125 0.2917 0.875 0.2917 0.875 0.7917 0.53125 0.7917\n");
        }
        for (String kind : List.of("coco:coco.json", "labels:labels", "masks:masks", "labelme:labelme", "yolo:yolo")) {
            out = folder.resolve("run-" + kind.substring(0, kind.indexOf(':')));
            String data = kind.replace(":", ":" + folder + "/");
            Cli.Outcome outcome = kind.startsWith("labelme")
                    ? train("--data", data, "--steps", 1)
                    : train("--data", data, "--images", images, "--steps", 1);
            assertTrue(outcome.done().err().contains("training: 3 pictures with 6 objects"), outcome.err());
            assertEquals(
                    Set.of(
                            "best.pt",
                            "features.bin",
                            "last.pt",
                            "log.csv",
                            "report.html",
                            "state.safetensors",
                            "val.csv"),
                    names(out));
            assertEquals(4, outcome.out().lines().count(), outcome.out());
            assertTrue(outcome.out().contains("weights: " + out.resolve("best.pt")), outcome.out());
        }
    }

    @Test
    void goesOnWithEqualSettingsOnly() throws IOException {
        Object[] settings = labelled("--steps", 4, "--freeze", "sam_prompt_encoder.*");
        train(settings).done();
        Path whole = out;
        out = folder.resolve("stopped");
        List<Object> hurried = new ArrayList<>(Arrays.asList(settings));
        hurried.addAll(List.of("--max-hours", 1e-9));
        for (int i = 0; i < 3; i++) {
            train(hurried.toArray()).done();
        }
        assertTrue(train(settings).done().err().contains("going on after step 3 of 4"));
        for (String file : List.of("best.pt", "last.pt", "val.csv")) {
            assertArrayEquals(Files.readAllBytes(whole.resolve(file)), Files.readAllBytes(out.resolve(file)), file);
        }
        // Whatever is refused leaves the run as it is, its features too.
        byte[] features = Files.readAllBytes(out.resolve("features.bin"));
        Set<String> files = names(out);
        List<Object[]> others = List.of(
                labelled("--steps", 5, "--freeze", "sam_prompt_encoder.*"),
                labelled("--steps", 4, "--freeze", "sam_prompt_encoder.*", "--format", "safetensors"),
                labelled("--steps", 4, "--freeze", "sam_prompt_encoder.*", "--checkpoint", whole.resolve("last.pt")));
        List<String> names = List.of("another steps (4 instead of 5)", "another format", "another model");
        for (int i = 0; i < others.size(); i++) {
            Cli.Outcome outcome = train(others.get(i));
            assertEquals(1, outcome.code(), outcome.err());
            assertTrue(outcome.err().contains(names.get(i)), outcome.err());
        }
        assertArrayEquals(features, Files.readAllBytes(out.resolve("features.bin")));
        assertEquals(files, names(out));
        Files.delete(out.resolve("state.safetensors"));
        Cli.Outcome foreign = train(settings);
        assertEquals(1, foreign.code());
        assertTrue(foreign.err().contains(out + " holds the weights of another run"), foreign.err());
    }

    @Test
    void validationForgettingAndBlendedWeights() throws IOException {
        Path list = write("val.txt", "p1.png\n\n");
        Cli.Outcome outcome = train(labelled(
                        "--val-list",
                        list,
                        "--keep-general",
                        "labels:" + labels,
                        "--keep-general-images",
                        images,
                        "--steps",
                        2,
                        "--learning-rate",
                        "1e-3",
                        "--blend",
                        0.5,
                        "--format",
                        "safetensors"))
                .done();
        assertTrue(outcome.out().contains("2 objects"), outcome.out());
        assertTrue(outcome.out().contains("what it knew, before: click"), outcome.out());
        assertTrue(outcome.out().contains("weights: " + out.resolve("blended.safetensors")), outcome.out());
        Object weights = out.resolve("blended.safetensors");
        Path segmented = folder.resolve("segmented");
        run("segment", images.resolve("p0.png"), "--checkpoint", weights, "--point", "15,15", "--output", segmented)
                .done();

        Path others = Files.createDirectory(folder.resolve("others"));
        draw(others.resolve("v.png"), 9);
        Path otherLabels = Files.createDirectory(folder.resolve("other-labels"));
        MaskPng.write(LabelMap.ofMasks(WIDTH, HEIGHT, List.of(mask(1))), otherLabels.resolve("v.png"));
        out = folder.resolve("validated");
        outcome = train(labelled("--val", "labels:" + otherLabels, "--val-images", others, "--steps", 1))
                .done();
        assertTrue(outcome.err().contains("validation: 1 pictures with 1 objects"), outcome.err());
        assertTrue(outcome.out().contains("IoU of 1 objects"), outcome.out());
        out = folder.resolve("blind");
        outcome = train(labelled("--val-fraction", 0, "--steps", 1)).done();
        assertTrue(outcome.err().contains("no picture validates"), outcome.err());
    }

    @Test
    void aCheckShowsPromptsAndMeasuresSteps() throws IOException {
        Cli.Outcome outcome = train(labelled("--check", "--steps", 4)).done();
        assertTrue(outcome.out().startsWith("as it is: click "), outcome.out());
        assertTrue(outcome.err().matches("(?s).*about 0:0\\d:\\d\\d for 4 steps of .*"), outcome.err());
        assertEquals(Set.of("check", "features.bin"), names(out));
        assertEquals(2, names(out.resolve("check")).size());
        BufferedImage drawn = ImageIO.read(out.resolve("check")
                .resolve(names(out.resolve("check")).first())
                .toFile());
        assertEquals(WIDTH, drawn.getWidth());
        assertEquals(HEIGHT, drawn.getHeight());
        train(labelled("--check", "--steps", 4)).done();
        train(labelled("--steps", 2)).done();
    }

    @Test
    void oneRunAtATime() throws IOException {
        Files.createDirectories(out);
        try (FileChannel other = FileChannel.open(
                        out.resolve("features.bin"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = other.lock()) {
            Cli.Outcome outcome = train(labelled("--steps", 1));
            assertEquals(1, outcome.code());
            assertTrue(outcome.err().contains(out + ": another run is at work in this folder"), outcome.err());
        }
        assertEquals(Set.of("features.bin"), names(out));
    }

    @Test
    void badData() throws IOException {
        Path bad = images.resolve("p1.png");
        write("coco.json", coco().replace("'width':64", "'width':65"));
        refused(1, cocoRun(), images.resolve("p0.png") + " has 64x48 pixels, its annotations are made for 65x48");
        write("coco.json", coco().replace("'image_id':2", "'image_id':7"));
        refused(1, cocoRun(), "coco.json: annotation 20", "picture 7");
        write("coco.json", coco().substring(0, 200));
        refused(1, cocoRun(), "coco.json is not JSON or is cut off");
        write("coco.json", coco().replaceFirst("\\[\\[6, [^\\]]*\\]\\]", "[[6,8,6,8,6,8]]"));
        refused(1, cocoRun(), "annotation 0", "no pixel");
        write("coco.json", "{'images':[],'annotations':[]}");
        refused(1, cocoRun(), "there is no picture to train on");
        refused(1, train("--data", "coco:" + folder.resolve("no.json"), "--images", images), "no.json does not exist");
        refused(1, train("--data", "labels:" + labels, "--images", folder.resolve("no")), "no does not exist");
        refused(
                1,
                train("--data", "labels:" + labels, "--data", "labels:" + labels, "--images", images),
                "p0.png is in two of the data sets");
        refused(
                1,
                train(labelled("--val", "labels:" + labels, "--val-images", images)),
                "p0.png is in both data sets, for training and for validation");
        refused(1, train(labelled("--val-list", write("list", "p9.png"))), "list names 'p9.png'");
        refused(1, train(labelled("--val-list", folder.resolve("nowhere"))), "nowhere", "does not exist");
        refused(1, train(labelled("--val-list", write("all", "p0.png\np1.png\np2.png"))), "all 3 are for validation");
        refused(1, train(labelled("--min-area", 1_000_000)), "there is no picture to train on");
        refused(1, train(labelled("--freeze", "*")), "nothing would be trained");
        MaskPng.write(Mask.empty(WIDTH, HEIGHT), labels.resolve("p9.png"));
        refused(1, train(labelled()), "p9.png has no picture of its name");
        Files.delete(labels.resolve("p9.png"));
        Files.write(bad, Arrays.copyOf(Files.readAllBytes(bad), 60));
        refused(1, train(labelled()), "p1.png");
        assertTrue(train(labelled("--skip-bad", "--steps", 1)).done().err().contains("2 pictures with 4 objects"));
    }

    private Cli.Outcome cocoRun() {
        return train("--data", "coco:" + folder.resolve("coco.json"), "--images", images);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--data; voc:x; 2; is no training data",
                "--data; coco:x; 2; coco:x needs a folder of pictures",
                "--augment; blur; 2; --augment",
                "--format; onnx; 2; --format: expected pt or safetensors, got 'onnx'",
                "--recipe; mine; 2; --recipe: expected public, got 'mine'",
                "--epochs; 0; 2; --epochs",
                "--boxes; 2; 2; --boxes: expected a number from 0 to 1",
                "--blend; -1; 2; --blend",
                "--learning-rate; nan; 2; --learning-rate",
                "--val-fraction; 1; 2; --val-fraction",
                "--cache-size; -1; 2; --cache-size",
                "--model; vast; 2; vast",
                "--device; cuda; 1; cuda"
            })
    void badOptions(String option, String value, int code, String word) {
        Cli.Outcome outcome = option.equals("--data")
                ? run("train", "--output", out, option, value)
                : run("train", "--output", out, "--data", "labels:" + labels, "--images", images, option, value);
        refused(code, outcome, word);
    }

    @Test
    void noFolderForResults() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        out = file.resolve("run");
        Cli.Outcome outcome = train("--data", "labels:" + folder.resolve("not read"), "--images", images);
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("file"), outcome.err());
        assertFalse(outcome.err().contains("not read"), outcome.err());
    }
}
