package dev.sam2j.predictors.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sam2j.predictors.image.files.PictureReader;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken, hostile and rotated files. */
class PictureFilesTest {
    @TempDir
    Path folder;

    private static String refusal(byte[] file) {
        return refusal(file, ReadOptions.DEFAULT);
    }

    private static String refusal(byte[] file, ReadOptions options) {
        PictureException e = assertThrows(PictureException.class, () -> TestPictures.read(file, options));
        assertTrue(e.getMessage().startsWith("test.img "), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
        return e.getMessage();
    }

    @Test
    void filesThatAreNoPictures() throws IOException {
        assertTrue(refusal(new byte[0]).contains("is empty"));
        assertTrue(refusal("hello, world".getBytes()).contains("is not a picture"));
        assertTrue(refusal(new byte[1000]).contains("is not a picture"));
        assertTrue(refusal("\0\0\0\30ftypisom".getBytes()).contains("is a video, not a picture; track it"));
        assertTrue(refusal("P7\nWIDTH 1".getBytes()).contains("is a PAM picture"));
        PictureException missing = assertThrows(PictureException.class, () -> Picture.read(folder.resolve("no.png")));
        assertTrue(missing.getMessage().contains("no.png does not exist"), missing.getMessage());
        PictureException notFile = assertThrows(PictureException.class, () -> Picture.read(folder));
        assertTrue(notFile.getMessage().contains("is a folder"), notFile.getMessage());
        Path file = Files.write(folder.resolve("a.jpg"), new byte[] {1, 2, 3});
        assertTrue(assertThrows(PictureException.class, () -> Picture.read(file))
                .getMessage()
                .contains("a.jpg"));
    }

    @Test
    void oversizedPicturesAreRefusedFromTheirHeader() {
        assertTrue(refusal(TestPictures.hugePng(60_000, 60_000)).contains("60000x60000 pixels, more than the limit"));
        assertTrue(refusal(TestPictures.hugePng(Integer.MAX_VALUE, Integer.MAX_VALUE))
                .contains("more than the limit"));
        byte[] small = TestPictures.encode(TestPictures.gradient(20, 10, 1), "png");
        assertTrue(refusal(small, ReadOptions.DEFAULT.withMaxPixels(199)).contains("limit of 199"));
        assertEquals(
                20,
                TestPictures.read(small, ReadOptions.DEFAULT.withMaxPixels(200)).width());
        assertTrue(refusal(small, ReadOptions.DEFAULT.withMaxFileBytes(50)).contains("limit of 50 bytes"));
        assertEquals(
                20,
                TestPictures.read(small, ReadOptions.DEFAULT.withMaxFileBytes(small.length))
                        .width());
        assertThrows(IllegalArgumentException.class, () -> ReadOptions.DEFAULT.withMaxPixels(0));
    }

    @Test
    void picturesLargerThanTheHeapAreRefused() {
        long heap = Runtime.getRuntime().maxMemory();
        int side = 26_000;
        assumeTrue(11L * side * side > heap, "the heap holds any picture");
        byte[] file = TestPictures.hugePng(side, side, 16, 6);
        assertTrue(refusal(file, ReadOptions.DEFAULT.withMaxPixels(1 << 30)).contains("Java heap"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp", "tiff"})
    void truncatedAnywhere(String format) {
        byte[] file = TestPictures.encode(TestPictures.gradient(40, 30, BufferedImage.TYPE_INT_RGB), format);
        // What follows the pixels may be missing: end markers (JPEG, PNG: 2 and 4 bytes at most), GIF trailer.
        for (int length = 0; length < file.length - 4; length += 1 + length / 40) {
            refusal(TestPictures.head(file, length));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tiff_rgb_none.tif",
                "tiff_rgb_lzw.tif",
                "tiff_rgb_zlib.tif",
                "tiff_rgb_packbits.tif",
                "tiff_rgb_zstd.tif",
                "tiff_rgb_jpeg.tif",
                "bmp_RGB.bmp",
                "pnm.ppm",
                "pnm16.pgm",
                "pnm_plain.ppm",
                "webp_75.webp",
                "webp_lossless.webp"
            })
    void truncatedFilesOfOtherPrograms(String name) {
        byte[] file = TestPictures.resource("kinds/" + name);
        // Their last bytes may be padding, or the directory of a TIFF.
        for (int length = 0; length < file.length - 40; length += 1 + length / 20) {
            refusal(TestPictures.head(file, length));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp", "tiff"})
    void damagedBytesNeverEscape(String format) {
        byte[] file = TestPictures.encode(TestPictures.gradient(40, 30, BufferedImage.TYPE_INT_RGB), format);
        Random random = new Random(5);
        int refused = 0;
        for (int trial = 0; trial < 300; trial++) {
            byte[] damaged = file.clone();
            for (int i = 0; i <= trial % 4; i++) {
                damaged[random.nextInt(Math.min(damaged.length, i == 0 ? 64 : damaged.length))] =
                        (byte) random.nextInt();
            }
            try {
                TestPictures.read(damaged, ReadOptions.DEFAULT.withMaxPixels(1 << 20));
            } catch (PictureException e) {
                refused++;
            }
        }
        assertTrue(refused > 0);
    }

    @Test
    void manyScansAreRefused() {
        byte[] scan = {(byte) 0xFF, (byte) 0xDA, 0, 2};
        byte[] file = TestPictures.encode(TestPictures.gradient(40, 30, 1), "jpg");
        byte[] bomb = new byte[file.length + 10_000 * scan.length];
        System.arraycopy(file, 0, bomb, 0, file.length - 2);
        for (int i = 0; i < 10_000; i++) {
            System.arraycopy(scan, 0, bomb, file.length - 2 + i * scan.length, scan.length);
        }
        System.arraycopy(file, file.length - 2, bomb, bomb.length - 2, 2);
        assertTrue(refusal(bomb, ReadOptions.DEFAULT.withMaxPixels(10_000)).contains("10001 scans"));
    }

    /** Where the top left and the top right pixel of the stored picture belong, as fractions of the shown one. */
    @ParameterizedTest
    @CsvSource({
        "1, 0,0, 1,0",
        "2, 1,0, 0,0",
        "3, 1,1, 0,1",
        "4, 0,1, 1,1",
        "5, 0,0, 0,1",
        "6, 1,0, 1,1",
        "7, 1,1, 1,0",
        "8, 0,1, 0,0"
    })
    void exifOrientation(int tag, int leftX, int leftY, int rightX, int rightY) {
        BufferedImage image = TestPictures.gradient(20, 12, BufferedImage.TYPE_INT_RGB);
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            byte[] exif = TestPictures.exif(tag, order);
            byte[] png = TestPictures.withChunk(TestPictures.encode(image, "png"), "eXIf", exif);
            Picture upright = TestPictures.read(png);
            assertEquals(tag > 4 ? 12 : 20, upright.width());
            assertEquals(tag > 4 ? 20 : 12, upright.height());
            int right = upright.width() - 1;
            int bottom = upright.height() - 1;
            assertEquals(TestPictures.colour(0, 0), upright.pixel(leftX * right, leftY * bottom));
            assertEquals(TestPictures.colour(19, 0), upright.pixel(rightX * right, rightY * bottom));
            assertEquals(
                    20,
                    TestPictures.read(png, ReadOptions.DEFAULT.withOrientation(false))
                            .width());

            byte[] jpeg = TestPictures.encode(image, "jpg");
            Picture plain = TestPictures.read(jpeg);
            Picture turned = TestPictures.read(TestPictures.withExifSegment(jpeg, exif));
            assertEquals(tag > 4 ? 12 : 20, turned.width());
            assertEquals(plain.pixel(0, 0), turned.pixel(leftX * right, leftY * bottom));
            assertEquals(plain.pixel(19, 0), turned.pixel(rightX * right, rightY * bottom));
        }
    }

    @Test
    void brokenExifIsIgnored() {
        byte[] jpeg = TestPictures.encode(TestPictures.gradient(20, 12, 1), "jpg");
        byte[] exif = TestPictures.exif(6, ByteOrder.BIG_ENDIAN);
        for (int length = 0; length < 32; length++) {
            Picture picture = TestPictures.read(TestPictures.withExifSegment(jpeg, TestPictures.head(exif, length)));
            assertEquals(20, picture.width(), "exif of " + length + " bytes");
        }
        Random random = new Random(6);
        for (int trial = 0; trial < 300; trial++) {
            byte[] damaged = exif.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            int width = TestPictures.read(TestPictures.withExifSegment(jpeg, damaged))
                    .width();
            assertTrue(width == 20 || width == 12);
        }
        int[] offsets = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 30, 37, 38};
        for (int offset : offsets) {
            byte[] damaged = exif.clone();
            java.nio.ByteBuffer.wrap(damaged).putInt(4, offset);
            assertEquals(
                    20,
                    TestPictures.read(TestPictures.withExifSegment(jpeg, damaged))
                            .width());
        }
        assertEquals(
                20,
                TestPictures.read(TestPictures.withExifSegment(jpeg, TestPictures.exif(9, ByteOrder.BIG_ENDIAN)))
                        .width());
    }

    @Test
    void readsTheFirstFrameOfStoredPictures() throws IOException {
        Path file = folder.resolve("m.png");
        BufferedImage indexed = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED);
        indexed.getRaster().setSample(2, 0, 0, 17);
        Files.write(file, TestPictures.encode(indexed, "png"));
        assertEquals(
                17,
                PictureReader.readStored(file, ReadOptions.DEFAULT).getRaster().getSample(2, 0, 0));
    }
}
