package dev.sam2j.cli.vos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sam2j.cli.Cli;
import dev.sam2j.cli.Clip;
import dev.sam2j.cli.TestFiles;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.predictors.mask.PixelBox;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VosCommandTest {
    private static final int FRAMES = 4;

    @TempDir
    Path folder;

    private Path frames;
    private Path masks;
    private Path out;

    @BeforeEach
    void draw() throws IOException {
        frames = folder.resolve("frames");
        masks = folder.resolve("masks");
        out = folder.resolve("out");
        Clip.folder(frames.resolve("clip"), FRAMES);
        Files.createDirectories(masks.resolve("clip"));
    }

    private static String name(int frame) {
        return String.format(Locale.ROOT, "%05d.png", frame);
    }

    /** A label picture of 16 colours, the second and fifth of which are no other palette's. */
    private static void writeLabels(Path file, LabelMap labels) throws IOException {
        int[] colours = new int[16];
        colours[2] = 0x123456;
        colours[5] = 0x654321;
        IndexColorModel palette =
                new IndexColorModel(4, 16, colours, 0, false, -1, java.awt.image.DataBuffer.TYPE_BYTE);
        BufferedImage image =
                new BufferedImage(labels.width(), labels.height(), BufferedImage.TYPE_BYTE_BINARY, palette);
        image.getRaster().setPixels(0, 0, labels.width(), labels.height(), labels.toLabels());
        ImageIO.write(image, "png", file.toFile());
    }

    private static LabelMap both(int frame) {
        return LabelMap.ofMasks(Clip.WIDTH, Clip.HEIGHT, List.of(Clip.disk(frame), Clip.box(frame)), new int[] {2, 5});
    }

    private LabelMap found(int frame) {
        return MaskPng.readLabels(out.resolve("clip").resolve(name(frame)), ReadOptions.DEFAULT);
    }

    @Test
    void segmentsPalettePicturesAndKeepsTheirColours() throws IOException {
        writeLabels(masks.resolve("clip").resolve(name(0)), both(0));
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out).done();
        for (int i = 0; i < FRAMES; i++) {
            assertTrue(found(i).mask(2).iou(Clip.disk(i)) > 0.8, "disk on frame " + i);
            assertTrue(found(i).mask(5).iou(Clip.box(i)) > 0.8, "box on frame " + i);
        }
        BufferedImage image = ImageIO.read(out.resolve("clip").resolve(name(3)).toFile());
        IndexColorModel palette = (IndexColorModel) image.getColorModel();
        assertEquals(0x123456, palette.getRGB(2) & 0xFFFFFF);
        assertEquals(0x654321, palette.getRGB(5) & 0xFFFFFF);
    }

    @Test
    void segmentsAFolderForEachObject() throws IOException {
        Path disk = Files.createDirectories(masks.resolve("clip/000"));
        Path box = Files.createDirectories(masks.resolve("clip/004"));
        Clip.mask(disk.resolve(name(0)), Clip.disk(0));
        Clip.mask(box.resolve(name(0)), Clip.box(0));
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out, "--per-object")
                .done();
        assertEquals(Set.of("000", "004"), Cli.names(out.resolve("clip")));
        for (int i = 0; i < FRAMES; i++) {
            Path file = out.resolve("clip/004").resolve(name(i));
            LabelMap labels = MaskPng.readLabels(file, ReadOptions.DEFAULT);
            assertEquals("[1]", java.util.Arrays.toString(labels.objects()));
            assertTrue(labels.mask(1).iou(Clip.box(i)) > 0.8, "box on frame " + i);
        }
    }

    @Test
    void objectsMayAppearLater() throws IOException {
        Mask none = Mask.empty(Clip.WIDTH, Clip.HEIGHT);
        for (int i = 0; i < FRAMES; i++) {
            writeLabels(
                    masks.resolve("clip").resolve(name(i)),
                    LabelMap.ofMasks(
                            Clip.WIDTH, Clip.HEIGHT, List.of(Clip.disk(i), i < 2 ? none : Clip.box(i)), new int[] {2, 5
                            }));
        }
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out, "--late-objects")
                .done();
        for (int i = 0; i < FRAMES; i++) {
            assertTrue(found(i).mask(2).iou(Clip.disk(i)) > 0.8, "disk on frame " + i);
            if (i < 2) {
                assertEquals(0, found(i).mask(5).area(), "box on frame " + i);
            } else {
                assertTrue(found(i).mask(5).iou(Clip.box(i)) > 0.8, "box on frame " + i);
            }
        }
        // Objects are tracked apart from each other, so the disk is what it is without the box.
        Path alone = folder.resolve("alone");
        Path first = Files.createDirectories(folder.resolve("first/clip"));
        writeLabels(
                first.resolve(name(0)),
                LabelMap.ofMasks(Clip.WIDTH, Clip.HEIGHT, List.of(Clip.disk(0)), new int[] {2}));
        Cli.run("vos", "--frames", frames, "--masks", folder.resolve("first"), "-o", alone)
                .done();
        for (int i = 0; i < FRAMES; i++) {
            LabelMap labels = MaskPng.readLabels(alone.resolve("clip").resolve(name(i)), ReadOptions.DEFAULT);
            assertEquals(labels.mask(2).andNot(found(i).mask(5)), found(i).mask(2), "frame " + i);
        }
        Cli.Outcome outcome = Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out, "--all-masks");
        assertTrue(outcome.err().contains("object 5 appears on frame 00002"), outcome.err());
        assertEquals(1, outcome.code());
    }

    @Test
    void aHighThresholdLeavesLess() throws IOException {
        writeLabels(masks.resolve("clip").resolve(name(0)), both(0));
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out).done();
        Path strict = folder.resolve("strict");
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", strict, "--score-threshold", "3")
                .done();
        LabelMap labels = MaskPng.readLabels(strict.resolve("clip").resolve(name(3)), ReadOptions.DEFAULT);
        assertTrue(labels.mask(2).area() < found(3).mask(2).area());
        assertEquals(labels.mask(2), labels.mask(2).and(found(3).mask(2)));
    }

    @Test
    void badInputIsNamed() throws IOException {
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out)
                .failed(1, "video clip (1 of 1)", "no mask with objects for the first frame");
        MaskPng.write(Mask.full(5, 5), masks.resolve("clip").resolve(name(0)));
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out)
                .failed(1, "frame 00000: the mask is 5x5, but the video is 96x72; scale the mask to that size");
        Cli.run("vos", "--frames", folder.resolve("no"), "--masks", masks, "-o", out)
                .failed(1, "no does not exist");
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", masks).failed(2, "is an input too");
        Path list = Files.writeString(folder.resolve("list.txt"), "../frames\n");
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out, "--videos", list)
                .failed(1, "is not the name of a video");
        Files.writeString(list, "clip\nother\n");
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out, "--videos", list)
                .failed(1, "video other");
    }

    @Test
    void evaluationKnowsItsFormulas() throws IOException {
        Path truth = folder.resolve("truth");
        for (int i = 0; i < FRAMES; i++) {
            Path video = Files.createDirectories(truth.resolve("clip"));
            writeLabels(video.resolve(name(i)), both(i));
            // The disk is right, the box is missing on frame 1 and right on frame 2; ends do not count.
            boolean box = i == 2;
            writeLabels(
                    masks.resolve("clip").resolve(name(i)),
                    box ? both(i) : LabelMap.ofMasks(Clip.WIDTH, Clip.HEIGHT, List.of(Clip.disk(i)), new int[] {2}));
        }
        Cli.Outcome outcome =
                Cli.run("eval", "--truth", truth, "--masks", masks, "--json").done();
        JsonNode scores = new ObjectMapper().readTree(outcome.out());
        assertEquals(100, scores.get("objects").get(0).get("J").asDouble());
        assertEquals(100, scores.get("objects").get(0).get("F").asDouble());
        assertEquals(50, scores.get("objects").get(1).get("J").asDouble());
        assertEquals(50, scores.get("objects").get(1).get("F").asDouble());
        assertEquals(75, scores.get("J&F").asDouble());
        String text = Cli.run("eval", "--truth", truth, "--masks", masks, "--keep-ends")
                .done()
                .out();
        assertTrue(text.lines().anyMatch(line -> line.matches("clip +5 +25\\.00 +25\\.00 +25\\.00")), text);
        Files.delete(masks.resolve("clip").resolve(name(1)));
        Cli.run("eval", "--truth", truth, "--masks", masks).failed(1, "00001.png does not exist");
    }

    /** Labels with a rim of DAVIS's void, 255, around the disk. */
    private static LabelMap withVoid(LabelMap labels, Mask disk) {
        int[] values = labels.toLabels();
        for (int y = 1; y < Clip.HEIGHT - 1; y++) {
            for (int x = 1; x < Clip.WIDTH - 1; x++) {
                boolean beside = disk.get(x - 1, y) || disk.get(x + 1, y) || disk.get(x, y - 1) || disk.get(x, y + 1);
                int at = y * Clip.WIDTH + x;
                values[at] = beside && values[at] == 0 ? 255 : values[at];
            }
        }
        return LabelMap.of(Clip.WIDTH, Clip.HEIGHT, values);
    }

    /** An 8-bit grey picture of labels. */
    private static void writeGrey(Path file, LabelMap labels) throws IOException {
        BufferedImage image = new BufferedImage(labels.width(), labels.height(), BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setPixels(0, 0, labels.width(), labels.height(), labels.toLabels());
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
    }

    @Test
    void voidIsNoObjectAndDoesNotCount() throws IOException {
        writeGrey(masks.resolve("clip").resolve(name(0)), withVoid(both(0), Clip.disk(0)));
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out).done();
        assertEquals("[2, 5]", java.util.Arrays.toString(found(0).objects()));
        Path truth = folder.resolve("truth");
        Path grown = folder.resolve("grown");
        for (int i = 0; i < FRAMES; i++) {
            LabelMap rim = withVoid(both(i), Clip.disk(i));
            writeGrey(truth.resolve("clip").resolve(name(i)), rim);
            Mask more = Clip.disk(i).or(rim.mask(255));
            writeGrey(
                    grown.resolve("clip").resolve(name(i)),
                    LabelMap.ofMasks(Clip.WIDTH, Clip.HEIGHT, List.of(more, Clip.box(i)), new int[] {2, 5}));
        }
        JsonNode scores = new ObjectMapper()
                .readTree(Cli.run("eval", "--truth", truth, "--masks", grown, "--json")
                        .done()
                        .out());
        assertEquals(2, scores.get("objects").size());
        assertEquals(100, scores.get("J&F").asDouble());
    }

    @Test
    void whiteAloneIsTheObjectOfDavis2016() throws IOException {
        MaskPng.write(Clip.disk(0), masks.resolve("clip").resolve(name(0)));
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out).done();
        assertTrue(found(FRAMES - 1).mask(255).iou(Clip.disk(FRAMES - 1)) > 0.8);
    }

    @Test
    void framesAreTurnedLikePictures() throws IOException {
        Path video = Files.createDirectories(folder.resolve("turned/clip"));
        Files.write(video.resolve("0.jpg"), TestFiles.turnedJpeg(160, 120));
        MaskPng.write(Mask.ofBox(120, 160, new PixelBox(30, 40, 90, 120)), masks.resolve("clip/0.png"));
        Cli.run("vos", "--frames", video.getParent(), "--masks", masks, "-o", out)
                .done();
        assertEquals(120, ImageIO.read(out.resolve("clip/0.png").toFile()).getWidth());
        Cli.run("vos", "--frames", video.getParent(), "--masks", masks, "-o", out, "--ignore-exif")
                .failed(1, "the mask is 120x160, but the video is 160x120");
    }
}
