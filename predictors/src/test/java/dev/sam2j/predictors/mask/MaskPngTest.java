package dev.sam2j.predictors.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.files.PngFile;
import dev.sam2j.predictors.mask.pixels.VocPalette;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskPngTest {
    @TempDir
    Path folder;

    @Test
    void masksRoundTrip() throws IOException {
        Random random = new Random(41);
        Path file = folder.resolve("mask.png");
        for (int trial = 0; trial < 20; trial++) {
            Mask mask = MaskTest.random(random, 1 + random.nextInt(90), 1 + random.nextInt(9));
            MaskPng.write(mask, file);
            assertEquals(mask, MaskPng.read(file, ReadOptions.DEFAULT));
            BufferedImage image = ImageIO.read(file.toFile());
            assertEquals(8, image.getColorModel().getPixelSize());
            assertEquals(mask.get(0, 0) ? 255 : 0, image.getRaster().getSample(0, 0, 0));
            PngFile.write(mask.toBinaryImage(), file);
            assertEquals(mask, MaskPng.read(file, ReadOptions.DEFAULT));
        }
    }

    @Test
    void labelsRoundTripWithTheVocPalette() throws IOException {
        Path file = folder.resolve("labels.png");
        LabelMap labels = LabelMap.of(3, 2, new int[] {0, 1, 2, 3, 38, 254});
        MaskPng.write(labels, file);
        assertEquals(labels, MaskPng.readLabels(file, ReadOptions.DEFAULT));
        assertEquals(5, MaskPng.read(file, ReadOptions.DEFAULT).area());
        IndexColorModel palette = (IndexColorModel) ImageIO.read(file.toFile()).getColorModel();
        int[] published = {0x000000, 0x800000, 0x008000, 0x808000, 0x000080, 0x800080, 0x008080, 0x808080, 0x400000};
        for (int i = 0; i < published.length; i++) {
            assertEquals(published[i], palette.getRGB(i) & 0xFFFFFF);
        }
        assertEquals(0xE0E0C0, VocPalette.colour(255));
    }

    @Test
    void manyLabelsAreSixteenBit() throws IOException {
        Path file = folder.resolve("labels.png");
        LabelMap labels = LabelMap.of(2, 2, new int[] {0, 255, 256, 65535});
        MaskPng.write(labels, file);
        assertEquals(labels, MaskPng.readLabels(file, ReadOptions.DEFAULT));
        assertArrayEquals(new int[] {255, 256, 65535}, labels.objects());
    }

    @Test
    void earlierMasksWin() {
        Mask left = Mask.ofBox(4, 1, new PixelBox(0, 0, 2, 0));
        Mask right = Mask.ofBox(4, 1, new PixelBox(1, 0, 3, 0));
        assertArrayEquals(
                new int[] {1, 1, 1, 2},
                LabelMap.ofMasks(4, 1, List.of(left, right)).toLabels());
        LabelMap numbered = LabelMap.ofMasks(4, 1, List.of(right, left), new int[] {7, 3});
        assertArrayEquals(new int[] {3, 7, 7, 7}, numbered.toLabels());
        assertEquals(right, numbered.mask(7));
        assertEquals(3, numbered.get(0, 0));
    }

    @Test
    void badInputIsRefused() throws IOException {
        assertThrows(IllegalArgumentException.class, () -> LabelMap.of(1, 1, new int[] {65536}));
        assertThrows(IllegalArgumentException.class, () -> LabelMap.of(1, 1, new int[] {-1}));
        assertThrows(IllegalArgumentException.class, () -> LabelMap.of(2, 1, new int[1]));
        assertThrows(IllegalArgumentException.class, () -> LabelMap.ofMasks(3, 1, List.of(Mask.full(2, 1))));
        Path file = folder.resolve("colour.png");
        BufferedImage orange = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
        orange.setRGB(1, 1, 0xFF8811);
        PngFile.write(orange, file);
        PictureException e = assertThrows(PictureException.class, () -> MaskPng.readLabels(file, ReadOptions.DEFAULT));
        assertTrue(e.getMessage().contains("neither grey nor has a palette"), e.getMessage());
        Path missing = folder.resolve("none").resolve("mask.png");
        UncheckedIOException io =
                assertThrows(UncheckedIOException.class, () -> MaskPng.write(Mask.full(2, 2), missing));
        assertTrue(io.getMessage().contains("there is no folder"), io.getMessage());
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }
}
