package dev.sam2j.predictors.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Graphics2D;
import java.awt.Point;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureTest {
    private static void assertGradient(Picture picture, int width, int height) {
        assertEquals(width, picture.width());
        assertEquals(height, picture.height());
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                assertEquals(TestPictures.colour(x, y), picture.pixel(x, y), "pixel " + x + "," + y);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_INT_ARGB_PRE,
                BufferedImage.TYPE_INT_BGR,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_4BYTE_ABGR,
                BufferedImage.TYPE_4BYTE_ABGR_PRE
            })
    void convertsEveryRgbType(int type) {
        assertGradient(Picture.of(TestPictures.gradient(37, 21, type)), 37, 21);
    }

    @Test
    void convertsSubimages() {
        BufferedImage image =
                TestPictures.gradient(20, 10, BufferedImage.TYPE_3BYTE_BGR).getSubimage(3, 2, 5, 4);
        assertEquals(TestPictures.colour(3 + 4, 2 + 3), Picture.of(image).pixel(4, 3));
    }

    @ParameterizedTest
    @CsvSource({"png, 2", "png, 1", "bmp, 1", "tiff, 1"})
    void readsLosslessFormats(String format, int type) {
        byte[] file = TestPictures.encode(TestPictures.gradient(33, 18, type), format);
        assertGradient(TestPictures.read(file), 33, 18);
    }

    @Test
    void alphaIsDropped() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00123456);
        image.setRGB(1, 0, 0x80FEDCBA);
        Picture picture = TestPictures.read(TestPictures.encode(image, "png"));
        assertEquals(0x123456, picture.pixel(0, 0));
        assertEquals(0xFEDCBA, picture.pixel(1, 0));
    }

    @Test
    void greyIsRepeatedAsStored() {
        BufferedImage image = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
        for (int x = 0; x < 256; x++) {
            image.getRaster().setSample(x, 0, 0, x);
        }
        Picture picture = TestPictures.read(TestPictures.encode(image, "png"));
        for (int x = 0; x < 256; x++) {
            assertEquals(x * 0x010101, picture.pixel(x, 0));
        }
    }

    @Test
    void greyJpeg() {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 256; i++) {
            image.getRaster().setSample(i % 16, i / 16, 0, 100);
        }
        assertEquals(
                0x646464, TestPictures.read(TestPictures.encode(image, "jpg")).pixel(5, 5));
    }

    @Test
    void sixteenBitsAreScaledAndRounded() {
        BufferedImage grey = new BufferedImage(4, 1, BufferedImage.TYPE_USHORT_GRAY);
        grey.getRaster().setSamples(0, 0, 4, 1, 0, new int[] {0, 65535, 128, 257 * 77 + 129});
        Picture picture = TestPictures.read(TestPictures.encode(grey, "png"));
        int[] expected = {0, 255, 0, 78};
        for (int x = 0; x < 4; x++) {
            assertEquals(expected[x] * 0x010101, picture.pixel(x, 0));
        }

        WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_USHORT, 1, 1, 3, new Point());
        raster.setPixel(0, 0, new int[] {0x12 * 257, 0x34 * 257 + 100, 0x56 * 257 - 100});
        ComponentColorModel model = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, Transparency.OPAQUE, DataBuffer.TYPE_USHORT);
        BufferedImage rgb = new BufferedImage(model, raster, false, null);
        assertEquals(
                0x123456, TestPictures.read(TestPictures.encode(rgb, "png")).pixel(0, 0));
    }

    @Test
    void oneBitAndPalette() {
        BufferedImage binary = new BufferedImage(9, 2, BufferedImage.TYPE_BYTE_BINARY);
        binary.setRGB(8, 1, 0xFFFFFFFF);
        Picture picture = TestPictures.read(TestPictures.encode(binary, "png"));
        assertEquals(0xFFFFFF, picture.pixel(8, 1));
        assertEquals(0, picture.pixel(7, 1));

        BufferedImage indexed = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED);
        indexed.setRGB(0, 0, 0xFFFF0000);
        indexed.setRGB(1, 0, 0xFF00FF00);
        for (String format : new String[] {"png", "gif"}) {
            Picture read = TestPictures.read(TestPictures.encode(indexed, format));
            assertEquals(0xFF0000, read.pixel(0, 0), format);
            assertEquals(0x00FF00, read.pixel(1, 0), format);
            assertEquals(0, read.pixel(2, 0), format);
        }
    }

    @Test
    void jpegStaysCloseToItsColours() {
        BufferedImage image = new BufferedImage(48, 32, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new java.awt.Color(200, 40, 90));
        graphics.fillRect(0, 0, 48, 32);
        graphics.dispose();
        assertColour(
                200,
                40,
                90,
                TestPictures.read(TestPictures.encode(image, "jpg")).pixel(20, 20),
                3);
    }

    @Test
    void colourProfilesAreIgnored() {
        byte[] rgb = TestPictures.encode(TestPictures.gradient(48, 32, BufferedImage.TYPE_INT_RGB), "jpg");
        byte[] linear = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        assertArrayEquals(
                TestPictures.read(rgb).rgb(),
                TestPictures.read(TestPictures.withColourProfile(rgb, linear)).rgb());
        byte[] broken = Arrays.copyOf(linear, 200);
        assertArrayEquals(
                TestPictures.read(rgb).rgb(),
                TestPictures.read(TestPictures.withColourProfile(rgb, broken)).rgb());
        byte[] grey = TestPictures.encode(TestPictures.gradient(48, 32, BufferedImage.TYPE_BYTE_GRAY), "jpg");
        byte[] linearGrey = ICC_Profile.getInstance(ColorSpace.CS_GRAY).getData();
        assertArrayEquals(
                TestPictures.read(grey).rgb(),
                TestPictures.read(TestPictures.withColourProfile(grey, linearGrey))
                        .rgb());
    }

    @Test
    void cmykJpeg() {
        Picture picture = TestPictures.read(TestPictures.resource("cmyk.jpg"));
        assertColour(255, 255, 255, picture.pixel(4, 4), 3);
        assertColour(55, 255, 255, picture.pixel(24, 4), 3);
        assertColour(255, 55, 205, picture.pixel(4, 24), 3);
        assertColour(119, 103, 87, picture.pixel(24, 24), 3);
    }

    @Test
    void ycckJpeg() {
        byte[] file = TestPictures.resource("cmyk.jpg");
        int adobe = 6;
        assertEquals('A', file[adobe]);
        // The same planes, declared as YCbCr of an inverted RGB and K. Expected: JFIF's conversion, then c * k / 255.
        file[adobe + 11] = 2;
        Picture picture = TestPictures.read(file);
        assertColour(0, 134, 0, picture.pixel(4, 4), 3);
        assertColour(22, 255, 0, picture.pixel(24, 4), 3);
        assertColour(0, 30, 129, picture.pixel(4, 24), 3);
        assertColour(0, 42, 0, picture.pixel(24, 24), 3);
    }

    private static void assertColour(int red, int green, int blue, int actual, int tolerance) {
        String text = Integer.toHexString(actual);
        assertEquals(red, actual >> 16 & 255, tolerance, text);
        assertEquals(green, actual >> 8 & 255, tolerance, text);
        assertEquals(blue, actual & 255, tolerance, text);
    }

    @Test
    void oneByOneAndVeryWidePictures() {
        assertGradient(TestPictures.read(TestPictures.encode(TestPictures.gradient(1, 1, 1), "png")), 1, 1);
        assertGradient(TestPictures.read(TestPictures.encode(TestPictures.gradient(30_000, 20, 1), "png")), 30_000, 20);
    }

    @Test
    void cropsAndConvertsBack() {
        Picture picture = Picture.of(TestPictures.gradient(20, 10, 1));
        Picture part = picture.crop(3, 2, 5, 4);
        assertEquals(TestPictures.colour(3, 2), part.pixel(0, 0));
        assertEquals(TestPictures.colour(7, 5), part.pixel(4, 3));
        assertArrayEquals(picture.rgb(), Picture.of(picture.toBufferedImage()).rgb());
        assertThrows(IllegalArgumentException.class, () -> picture.crop(16, 0, 5, 1));
        assertThrows(IllegalArgumentException.class, () -> picture.crop(0, 0, 0, 1));
    }

    @Test
    void copiesItsInput() {
        byte[] rgb = {1, 2, 3};
        Picture picture = Picture.of(rgb, 1, 1);
        rgb[0] = 9;
        assertEquals(0x010203, picture.pixel(0, 0));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Picture.of(rgb, 2, 1))
                .getMessage()
                .contains("2x1"));
        assertThrows(IllegalArgumentException.class, () -> Picture.of(rgb, 0, 1));
    }
}
