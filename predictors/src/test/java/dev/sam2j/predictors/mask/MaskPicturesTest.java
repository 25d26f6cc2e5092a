package dev.sam2j.predictors.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.files.PngFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One mask as many tools store it, see the resources' README. */
class MaskPicturesTest {
    private static final int WIDTH = 120;
    private static final int HEIGHT = 90;

    @TempDir
    Path folder;

    private static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(MaskPicturesTest.class.getResource("/masks/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static Mask disk() {
        byte[] pixels = new byte[WIDTH * HEIGHT];
        for (int i = 0; i < pixels.length; i++) {
            int x = i % WIDTH - 40;
            int y = i / WIDTH - 40;
            pixels[i] = (byte) (x * x + y * y < 25 * 25 ? 1 : 0);
        }
        return Mask.ofBytes(WIDTH, HEIGHT, pixels);
    }

    private static Mask box() {
        return Mask.ofBox(WIDTH, HEIGHT, new PixelBox(80, 50, 109, 79));
    }

    private static int differences(Mask a, Mask b) {
        return a.andNot(b).area() + b.andNot(a).area();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain.png",
                "pil_quantize2.png",
                "pil_1bit.png",
                "pngquant2.png",
                "im_bilevel.tif",
                "im_16bit.tif",
                "im_mask.bmp",
                "cv_rgb.png",
                "cv_16bit.png",
                "values01.png",
                "values01.tif",
                "alpha_only.png",
                "grey_alpha.png",
                "red.png",
                "davis.png",
                "davis_void.png",
                "grey_void.png",
                "davis_void_rgb.png",
                "davis_resorted.png",
                "inverted_palette.png",
                "labels70000.tif",
                "bool.npy",
                "uint8_columns.npy",
                "int16_big.npy",
                "alpha_untagged.tif"
            })
    void exactMasksAreReadExactly(String name) {
        assertEquals(disk().or(box()), MaskPng.read(file(name)));
    }

    /** Blurred edges move inwards at the box's corners and nowhere else. */
    @ParameterizedTest
    @CsvSource({
        "jpeg75.jpg, 12",
        "red_75.jpg, 40",
        "red_soft.png, 12",
        "soft.png, 110",
        "soft_pngquant16.png, 130",
        "probability_f32.tif, 110",
        "float255.tif, 110",
        "alpha_soft_white.png, 110",
        "grey100.jpg, 4",
        "dark_red.jpg, 40",
        "very_soft.png, 524",
        "soft_pngquant8.png, 234"
    })
    void softAndLossyMasksAreCutAtHalf(String name, int most) {
        int differences = differences(disk().or(box()), MaskPng.read(file(name)));
        assertTrue(differences <= most, name + ": " + differences + " pixels differ");
    }

    @Test
    void compressionDoesNotEnlargeAMask() {
        assertEquals(16941, MaskPng.read(file("mask_jpg75.jpg")).area());
    }

    @ParameterizedTest
    @CsvSource({
        "logits_f32.tif, 'has values from -8.25 to 7.50, which are neither'",
        "grey_areas.png, 'has areas of several grey levels'",
        "logits.npy, 'has values from -3.50 to -3.50'",
        "picture.png, 'has the colours of a picture'",
        "cutout.png, 'its transparency and its colours mark different pixels'",
        "alpha.bmp, 'has transparency, which is not read of this format'",
        "alpha_lossy.webp, 'has transparency, which is not read of this format'",
        "alpha.jp2, 'has transparency, which is not read of this format'"
    })
    void ambiguousPicturesAreRefused(String name, String reason) {
        PictureException e = assertThrows(PictureException.class, () -> MaskPng.read(file(name)));
        assertTrue(e.getMessage().contains(name) && e.getMessage().contains(reason), e.getMessage());
        assertTrue(e.getMessage().contains("; save "), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "masks3.npy, 'is an array of (3, 4, 5), but a mask has two dimensions'",
        "cut.npy, 'ends before its array does'",
        "README.md, 'is not a picture of a known format'"
    })
    void whatHoldsNoMaskIsRefused(String name, String reason) {
        PictureException e = assertThrows(PictureException.class, () -> MaskPng.read(file(name)));
        assertTrue(e.getMessage().contains(name) && e.getMessage().contains(reason), e.getMessage());
    }

    @Test
    void orientationIsAppliedAsToPictures() {
        Mask shown = MaskPng.read(file("turned.tif"));
        assertEquals(HEIGHT, shown.width());
        assertEquals(WIDTH, shown.height());
        assertTrue(shown.get(HEIGHT - 1 - 65, 95) && !shown.get(65, 95)); // the box's middle, turned clockwise
        assertEquals(disk().or(box()), MaskPng.read(file("turned.tif"), ReadOptions.DEFAULT.withOrientation(false)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"davis.png", "davis_void.png", "grey_void.png", "davis_void_rgb.png", "davis_resorted.png"})
    void labelMapsKeepTheirNumbers(String name) {
        LabelMap labels = MaskPng.readLabels(file(name), ReadOptions.DEFAULT);
        assertEquals(disk(), labels.mask(1));
        assertEquals(box(), labels.mask(2));
        assertArrayEquals(name.equals("davis.png") ? new int[] {1, 2} : new int[] {1, 2, 255}, labels.objects());
    }

    @ParameterizedTest
    @ValueSource(strings = {"labels70000.tif", "logits_f32.tif", "probability_f32.tif"})
    void otherNumbersAreNoLabels(String name) {
        PictureException e =
                assertThrows(PictureException.class, () -> MaskPng.readLabels(file(name), ReadOptions.DEFAULT));
        assertTrue(e.getMessage().contains("whole numbers from 0 to 65535"), e.getMessage());
    }

    private Mask grey(int... values) throws IOException {
        BufferedImage image = new BufferedImage(values.length, 1, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setSamples(0, 0, values.length, 1, 0, values);
        Path file = folder.resolve("mask.png");
        PngFile.write(image, file);
        return MaskPng.read(file);
    }

    @Test
    void valuesOfHardMasksAreObjectNumbers() throws IOException {
        assertArrayEquals(new byte[] {0, 1, 0}, grey(0, 1, 0).toBytes(1));
        assertArrayEquals(new byte[] {0, 1, 0}, grey(0, 38, 0).toBytes(1));
        assertArrayEquals(new byte[] {0, 1, 1, 1}, grey(0, 1, 2, 3).toBytes(1));
        assertEquals(3, grey(255, 255, 255).area());
        assertEquals(0, grey(0, 0).area());
        assertTrue(assertThrows(PictureException.class, () -> grey(1, 2, 2))
                .getMessage()
                .contains("has no black pixels"));
    }
}
