package dev.sam2j.cli.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.cli.Cli;
import dev.sam2j.cli.Clip;
import dev.sam2j.cli.TestFiles;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.tensor.Shape;
import dev.sam2j.video.VideoFile;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrackCommandTest {
    private static final String DISK = "0,7,9,7,35,33";
    private static final String BOX = "0,3,66,30,86,50";

    @TempDir
    Path folder;

    private LabelMap labels(Path out, int frame) {
        return MaskPng.readLabels(
                out.resolve("masks").resolve(String.format(Locale.ROOT, "%05d.png", frame)), ReadOptions.DEFAULT);
    }

    @Test
    void tracksAFolder() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 5);
        Path out = folder.resolve("out");
        Cli.Outcome outcome = Cli.run("track", frames, "-o", out, "--box", DISK, "--box", BOX, "--per-object")
                .done();
        assertEquals("", outcome.out());
        assertTrue(outcome.err().contains("5 frames tracked"), outcome.err());
        assertEquals(Set.of("masks", "overlay.mp4", "tracks.json"), Cli.names(out));
        for (int i = 0; i < 5; i++) {
            LabelMap labels = labels(out, i);
            assertTrue(labels.mask(1).iou(Clip.disk(i)) > 0.8, "disk on frame " + i);
            assertTrue(labels.mask(2).iou(Clip.box(i)) > 0.8, "box on frame " + i);
            Path disk = out.resolve("masks").resolve("7").resolve(String.format(Locale.ROOT, "%05d.png", i));
            assertEquals(labels.mask(1), MaskPng.read(disk));
        }
        JsonNode tracks = Cli.json(out.resolve("tracks.json"));
        assertTrue(tracks.get("complete").asBoolean());
        assertEquals(5, tracks.get("tracks").size());
        assertEquals(
                "[{\"object\":7,\"pixel\":1},{\"object\":3,\"pixel\":2}]",
                tracks.get("objects").toString());
        JsonNode disk = tracks.get("tracks").get(4).get("objects").get(0);
        assertEquals(labels(out, 4).mask(1).area(), disk.get("area").asInt());
        assertTrue(disk.get("presence").asDouble() > 0);
        assertTrue(disk.get("iou").asDouble() > 0.5);
        assertTrue(tracks.get("note").asText().contains("not made for photographs"));
        try (VideoFile overlay = VideoFile.open(out.resolve("overlay.mp4"))) {
            assertEquals(5, overlay.frames());
            assertEquals(Clip.WIDTH, overlay.width());
            assertEquals(24, overlay.framesPerSecond(), 1e-6);
            int before = new java.awt.Color(230, 120, 20).getGreen();
            int after = overlay.read(4).pixel(Clip.diskX(4), 20) >> 8 & 255;
            assertTrue(Math.abs(after - before) > 15, "the disk is painted over: " + after);
        }
    }

    @Test
    void writesFormatsOfOtherPrograms() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 2);
        Path out = folder.resolve("out");
        String formats = "coco,rle,polygons,yolo,yolo-seg";
        for (int run = 0; run < 2; run++) { // the second over the first
            Cli.run("track", frames, "-o", out, "--box", DISK, "--box", BOX, "--overlay", "none", "--format", formats)
                    .done();
            assertEquals(
                    Set.of("masks", "tracks.json", "coco.json", "rle", "polygons", "yolo", "yolo-seg"), Cli.names(out));
        }
        JsonNode coco = Cli.json(out.resolve("coco.json"));
        assertEquals(2, coco.get("images").size());
        String name = coco.at("/images/1/file_name").asText();
        assertTrue(Files.exists(frames.resolve(name)), name);
        assertEquals(4, coco.get("annotations").size());
        for (int i = 0; i < 4; i++) {
            JsonNode annotation = coco.get("annotations").get(i);
            assertEquals(i + 1, annotation.get("id").asInt());
            assertEquals(i / 2 + 1, annotation.get("image_id").asInt());
            assertEquals(i % 2 == 0 ? 7 : 3, annotation.get("track_id").asInt());
            CocoRle rle = CocoRle.ofCompressed(
                    Clip.WIDTH,
                    Clip.HEIGHT,
                    annotation.at("/segmentation/counts").asText());
            assertEquals(labels(out, i / 2).mask(i % 2 + 1), rle.toMask());
        }
        List<String> lines = Files.readAllLines(out.resolve("yolo/00001.txt"));
        assertTrue(lines.get(0).startsWith("0 ") && lines.get(1).startsWith("1 "), lines.toString());
        assertEquals(2, Cli.json(out.resolve("rle/00001.json")).size());
        Cli.run("track", frames, "-o", out, "--box", DISK, "--overlay", "none").done();
        assertEquals(Set.of("masks", "tracks.json"), Cli.names(out));
        Cli.run("track", frames, "-o", out, "--box", DISK, "--format", "cutout").failed(2, "--format");
    }

    @Test
    void framesMayHaveAnyPicturesFormatAndTheRestIsNamed() throws IOException {
        Path frames = Files.createDirectories(folder.resolve("frames/raw")).getParent();
        List<String> formats = List.of("bmp", "tiff", "gif", "png", "jpg");
        for (int i = 0; i < formats.size(); i++) {
            String format = formats.get(i);
            Files.write(frames.resolve("frame" + (i + 7) + "." + format), TestFiles.encoded(Clip.frame(i), format));
        }
        Files.writeString(frames.resolve("notes.txt"), "not a frame");
        Path out = folder.resolve("out");
        Cli.Outcome outcome = Cli.run("track", frames, "-o", out, "--box", DISK, "--overlay", "none")
                .done();
        assertTrue(outcome.err().contains("left out 1 other file (notes.txt), 1 subfolder (raw)"), outcome.err());
        for (int i = 0; i < formats.size(); i++) {
            Path mask = out.resolve("masks").resolve("frame" + (i + 7) + ".png");
            assertTrue(MaskPng.read(mask).iou(Clip.disk(i)) > 0.75, "disk on frame " + i);
        }
    }

    @Test
    void theLonePictureOfSeveralPagesIsAVolume() throws IOException {
        Path stack = Files.createDirectories(folder.resolve("volume")).resolve("stack.tif");
        ImageWriter writer = ImageIO.getImageWritersByFormatName("tiff").next();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(stack.toFile())) {
            writer.setOutput(stream);
            writer.prepareWriteSequence(null);
            for (int i = 0; i < 3; i++) {
                writer.writeToSequence(new IIOImage(Clip.frame(i), null, null), null);
            }
            writer.endWriteSequence();
        }
        for (Path source : List.of(stack, stack.getParent())) {
            Path out = folder.resolve("out");
            Cli.run("track", source, "-o", out, "--box", DISK, "--overlay", "none")
                    .done();
            for (int i = 0; i < 3; i++) {
                assertTrue(labels(out, i).mask(1).iou(Clip.disk(i)) > 0.75, "disk on page " + i);
            }
        }
    }

    @Test
    void aStrayThumbnailIsFoundBeforeAnythingIsComputed() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 4);
        Files.write(frames.resolve("thumb.png"), TestFiles.png(48, 36, 1));
        Cli.run("track", frames, "-o", folder.resolve("out"), "--box", DISK)
                .failed(1, "thumb.png is 48x36, but 00000.png is 96x72", "take out what is no frame");
        assertFalse(Files.exists(folder.resolve("out")));
    }

    @Test
    void tracksFromAFrameInTheMiddleEitherWay() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 3);
        Path out = folder.resolve("out");
        String prompt = "1,1," + Clip.diskX(1) + ",20";
        Cli.run("track", frames, "-o", out, "--point", prompt, "--direction", "backward", "--overlay", "none")
                .done();
        assertEquals(Set.of("00000.png", "00001.png"), Cli.names(out.resolve("masks")));
        Cli.run("track", frames, "-o", out, "--point", prompt, "--direction", "both", "--overlay", "none")
                .done();
        for (int i = 0; i < 3; i++) {
            assertTrue(labels(out, i).mask(1).iou(Clip.disk(i)) > 0.75, "disk on frame " + i);
        }
    }

    @Test
    void tracksAVideoFileAsItsFrames() throws IOException {
        Path video = Clip.video(folder.resolve("clip.mp4"), 4);
        Path out = folder.resolve("out");
        Cli.run("track", video, "-o", out, "--point", "0,1,22,20", "--point", "0,1,60,60,0", "--overlay", "frames")
                .done();
        assertEquals(Set.of("masks", "overlay", "tracks.json"), Cli.names(out));
        assertEquals(Set.of("00000.png", "00001.png", "00002.png", "00003.png"), Cli.names(out.resolve("overlay")));
        for (int i = 0; i < 4; i++) {
            assertTrue(labels(out, i).mask(1).iou(Clip.disk(i)) > 0.75, "disk on frame " + i);
        }
        // Again with less: nothing of the first run stays.
        String steps = "[{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"points\":[[22,20]]}]";
        Path file = Files.writeString(folder.resolve("steps.json"), steps);
        Cli.run("track", video, "-o", out, "--prompts", file, "--overlay", "none")
                .done();
        assertEquals(Set.of("masks", "tracks.json"), Cli.names(out));
        assertEquals(Set.of("00000.png"), Cli.names(out.resolve("masks")));
    }

    @Test
    void doesAllStepsAndWritesTheLogitsOfEachReturnedFrame() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 4);
        Clip.mask(folder.resolve("m.png"), Clip.box(2));
        Path steps = Files.writeString(folder.resolve("steps.json"), """
                [{"op":"prompt","frame":0,"object":1,"points":[[22,20]],"labels":[1]},
                 {"op":"prompt","frame":0,"object":1,"points":[[60,60]],"labels":[0],"clearOldPoints":false},
                 {"op":"propagate","max":1},
                 {"op":"mask","frame":2,"object":9,"file":"m.png"},
                 {"op":"propagate","start":2,"reverse":true},
                 {"op":"clear","frame":0,"object":1},
                 {"op":"remove","object":1},
                 {"op":"propagate","start":2},
                 {"op":"reset"},
                 {"op":"prompt","frame":1,"object":1,"box":[12,7,38,33]}]
                """);
        Path out = folder.resolve("out");
        Cli.run("track", frames, "-o", out, "--prompts", steps, "--logits", "--no-postprocessing", "--overlay", "none")
                .done();
        int[][] expected = {
            {0, 1}, {0, 1}, {0, 1}, {1, 1}, {2, 2}, {2, 2}, {1, 2}, {0, 2}, {0, 2}, {2, 1}, {3, 1}, {1, 1}
        };
        for (int i = 0; i < expected.length; i++) {
            try (CheckpointFile step =
                    Safetensors.open(out.resolve(String.format(Locale.ROOT, "step%03d.safetensors", i)))) {
                assertEquals(Shape.of(expected[i][1], Clip.HEIGHT, Clip.WIDTH), step.shape("logits"), "step " + i);
            }
        }
        assertFalse(Files.exists(out.resolve("step012.safetensors")));
        // Objects keep their pixel values, whatever else is removed.
        assertEquals(0, labels(out, 3).mask(1).area());
        assertTrue(labels(out, 3).mask(2).iou(Clip.box(3)) > 0.75);
        assertTrue(labels(out, 1).mask(1).iou(Clip.disk(1)) > 0.75);
    }

    /** A mask replaces the points before it, and those after it correct it, here towards the box. */
    @Test
    void promptsOfOneFrameKeepTheirOrder() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 2);
        Path mask = Clip.mask(folder.resolve("m.png"), Clip.disk(0));
        Path steps = Files.writeString(folder.resolve("steps.json"), """
                [{"op":"prompt","frame":0,"object":1,"points":[[5,60]]},
                 {"op":"mask","frame":0,"object":1,"file":"m.png"},
                 {"op":"prompt","frame":0,"object":1,"points":[[76,40],[80,45]],"labels":[1,1]},
                 {"op":"propagate"}]
                """);
        String masked = "0,1," + mask;
        Path options = folder.resolve("options");
        Path expected = folder.resolve("expected");
        Path without = folder.resolve("without");
        Cli.run("track", frames, "-o", expected, "--prompts", steps, "--overlay", "none")
                .done();
        Cli.run(
                        "track",
                        frames,
                        "-o",
                        options,
                        "--point",
                        "0,1,5,60",
                        "--mask",
                        masked,
                        "--point",
                        "0,1,76,40",
                        "--point",
                        "0,1,80,45",
                        "--overlay",
                        "none")
                .done();
        Cli.run("track", frames, "-o", without, "--point", "0,1,5,60", "--mask", masked, "--overlay", "none")
                .done();
        for (int i = 0; i < 2; i++) {
            assertEquals(labels(expected, i).mask(1), labels(options, i).mask(1), "frame " + i);
        }
        assertNotEquals(labels(without, 0).mask(1), labels(options, 0).mask(1));
    }

    /** After tracking: pictures and report lose the object everywhere, and show what it had covered. */
    @Test
    void removingAnObjectRemovesItFromAllThatWasWritten() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 4);
        Clip.mask(folder.resolve("m.png"), Clip.disk(0));
        Path steps = Files.writeString(folder.resolve("steps.json"), """
                [{"op":"mask","frame":0,"object":-9000000000000000000,"file":"m.png"},
                 {"op":"mask","frame":0,"object":"the disk","file":"m.png"},
                 {"op":"prompt","frame":0,"object":"1","box":[66,30,86,50]},
                 {"op":"propagate"},
                 {"op":"remove","object":-9000000000000000000},
                 {"op":"remove","object":"1"},
                 {"op":"prompt","frame":3,"object":"1","box":[66,36,86,56]}]
                """);
        Path out = folder.resolve("out");
        Cli.run("track", frames, "-o", out, "--prompts", steps, "--overlay", "none", "--per-object")
                .done();
        JsonNode tracks = Cli.json(out.resolve("tracks.json"));
        assertEquals(
                "[{\"object\":\"the disk\",\"pixel\":2},{\"object\":\"1\",\"pixel\":3}]",
                tracks.get("objects").toString());
        for (int i = 0; i < 4; i++) {
            LabelMap labels = labels(out, i);
            assertEquals(0, labels.mask(1).area(), "frame " + i);
            assertTrue(labels.mask(2).iou(Clip.disk(i)) > 0.7, "frame " + i);
            assertEquals(i == 3, labels.mask(3).area() > 0, "frame " + i);
            JsonNode objects = tracks.get("tracks").get(i).get("objects");
            assertEquals(i == 3 ? 2 : 1, objects.size());
            assertEquals("the disk", objects.get(0).get("object").textValue());
            assertEquals(labels.mask(2).area(), objects.get(0).get("area").asInt());
        }
        assertEquals(Set.of("00003.png"), Cli.names(out.resolve("masks").resolve("%31")));
        assertEquals(4, Cli.names(out.resolve("masks").resolve("the%20disk")).size());
        assertFalse(Files.exists(out.resolve("masks").resolve("-9000000000000000000")));
    }

    @Test
    void objectsMayBeAnyNumberOrName() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 2);
        Path out = folder.resolve("out");
        Cli.run(
                        "track",
                        frames,
                        "-o",
                        out,
                        "--overlay",
                        "none",
                        "--per-object",
                        "--box",
                        "0,9223372036854775807,9,7,35,33",
                        "--box",
                        "0,../Kiste ü,66,30,86,50")
                .done();
        assertEquals(
                "[{\"object\":9223372036854775807,\"pixel\":1},{\"object\":\"../Kiste ü\",\"pixel\":2}]",
                Cli.json(out.resolve("tracks.json")).get("objects").toString());
        assertEquals(
                Set.of("00000.png", "00001.png", "9223372036854775807", "%2E%2E%2FKiste%20%C3%BC"),
                Cli.names(out.resolve("masks")));
        String absent = "[{\"op\":\"prompt\",\"frame\":0,\"object\":\"cat\",\"points\":[[22,20]]},"
                + "{\"op\":\"remove\",\"object\":\"dog\"}]";
        Path steps = Files.writeString(folder.resolve("steps.json"), absent);
        Cli.Outcome outcome = Cli.run("track", frames, "-o", out, "--overlay", "none", "--prompts", steps);
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("there is no object dog, the objects are cat"), outcome.err());
        for (String object : new String[] {"9223372036854775808", "1.5", "", "x".repeat(81), "a\tb"}) {
            outcome = Cli.run("track", frames, "-o", out, "--point", "0," + object + ",22,20");
            assertEquals(2, outcome.code(), object);
            assertTrue(outcome.err().contains("a whole number of 64 bits or a name of up to 80 bytes"), outcome.err());
        }
    }

    @Test
    void keepsWhatItHasIfAFrameCannotBeRead() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 6);
        Files.writeString(frames.resolve("00003.png"), "no picture");
        Path out = folder.resolve("out");
        Cli.Outcome outcome = Cli.run("track", frames, "-o", out, "--box", DISK);
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("sam2j: tracking stopped after frame 2: frame 3: "), outcome.err());
        assertTrue(outcome.err().contains("00003.png"), outcome.err());
        assertEquals(Set.of("00000.png", "00001.png", "00002.png"), Cli.names(out.resolve("masks")));
        JsonNode tracks = Cli.json(out.resolve("tracks.json"));
        assertFalse(tracks.get("complete").asBoolean());
        assertEquals("after frame 2", tracks.get("stopped").get("where").asText());
        assertEquals(3, tracks.get("tracks").size());
        try (VideoFile overlay = VideoFile.open(out.resolve("overlay.mp4"))) {
            assertEquals(3, overlay.frames());
        }
    }

    @Test
    void keepsWhatItHasIfAFrameHasAnotherSize() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 4);
        Files.write(frames.resolve("00002.png"), TestFiles.png(50, 40, 1));
        Path out = folder.resolve("out");
        Cli.Outcome outcome = Cli.run("track", frames, "-o", out, "--box", DISK, "--overlay", "none");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("frame 2 (00002) is 50x40, but the video is 96x72"), outcome.err());
        assertEquals(Set.of("00000.png", "00001.png"), Cli.names(out.resolve("masks")));
    }

    @Test
    void tracksADamagedVideoUpToTheDamage() throws IOException {
        Path video = Clip.video(folder.resolve("clip.mp4"), 40);
        byte[] bytes = Files.readAllBytes(video);
        String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
        int from = text.indexOf("mdat") + 4;
        int to = text.indexOf("moov") - 4;
        java.util.Arrays.fill(bytes, from + (to - from) / 3, to, (byte) 0);
        Files.write(video, bytes);
        int last;
        try (VideoFile file = VideoFile.open(video)) {
            last = file.frames() - 1;
        }
        String steps = "[{\"op\":\"prompt\",\"frame\":" + (last - 1)
                + ",\"object\":1,\"box\":[66,30,86,60]},{\"op\":\"propagate\"}]";
        Path file = Files.writeString(folder.resolve("steps.json"), steps);
        Path out = folder.resolve("out");
        Cli.Outcome outcome = Cli.run("track", video, "-o", out, "--prompts", file, "--overlay", "none", "--strict");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("warning: "), outcome.err());
        assertTrue(
                outcome.err()
                        .contains("tracking stopped after frame " + (last - 1) + ": " + video + ": frame " + last
                                + " cannot be read"),
                outcome.err());
        assertEquals(1, Cli.names(out.resolve("masks")).size());
    }
}
