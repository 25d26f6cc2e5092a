package dev.sam2j.predictors.image.tiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.Window;
import dev.sam2j.predictors.image.WindowChoice;
import dev.sam2j.predictors.image.files.PictureReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Choices among what TIFF files hold, and TIFF files that are not whole. */
class TiffReaderTest {
    @TempDir
    private Path folder;

    private final List<String> notices = new ArrayList<>();

    private Picture read(byte[] file, ReadOptions options) {
        return Picture.read(new ByteArrayInputStream(file), "a.tif", options.withNotices(notices::add));
    }

    private String refusal(byte[] file, ReadOptions options) {
        return assertThrows(PictureException.class, () -> read(file, options)).getMessage();
    }

    /** Two pixels of five channels. */
    private static TestTiff fiveChannels() {
        return new TestTiff(2, 1, new byte[] {1, 2, 3, 4, 5, 11, 12, 13, 14, 15})
                .set(277, 5)
                .set(258, 8, 8, 8, 8, 8);
    }

    @Test
    void channelsAreChosen() {
        assertEquals(0x0B0B0B, read(fiveChannels().bytes(), ReadOptions.DEFAULT).pixel(1, 0));
        assertEquals(List.of("a.tif: channel 1 was taken of 5"), notices);
        notices.clear();
        ReadOptions fourth = ReadOptions.DEFAULT.withChannels(List.of(3));
        assertEquals(0x0E0E0E, read(fiveChannels().bytes(), fourth).pixel(1, 0));
        ReadOptions three = ReadOptions.DEFAULT.withChannels(List.of(4, 0, 2));
        assertEquals(0x050103, read(fiveChannels().bytes(), three).pixel(0, 0));
        assertEquals(List.of(), notices);
        assertEquals(
                "a.tif has 5 channels, so there is no channel 6",
                refusal(fiveChannels().bytes(), ReadOptions.DEFAULT.withChannels(List.of(5))));
        assertThrows(IllegalArgumentException.class, () -> ReadOptions.DEFAULT.withChannels(List.of(0, 1)));
        assertThrows(IllegalArgumentException.class, () -> ReadOptions.DEFAULT.withChannels(List.of(-1)));
    }

    @Test
    void theFirstOfPlanes() {
        byte[] planes = {1, 2, 11, 12, 21, 22};
        TestTiff tiff = new TestTiff(2, 1, planes)
                .set(277, 3)
                .set(284, 2)
                .set(273, 8, 10, 12)
                .set(279, 2, 2, 2);
        assertEquals(0x020202, read(tiff.bytes(), ReadOptions.DEFAULT).pixel(1, 0));
        assertEquals(
                0x160C02,
                read(tiff.bytes(), ReadOptions.DEFAULT.withChannels(List.of(2, 1, 0)))
                        .pixel(1, 0));
    }

    /** Grey pixels of 16 bits in a row. */
    private static byte[] sixteenBits(int... values) {
        byte[] data = new byte[2 * values.length];
        for (int i = 0; i < values.length; i++) {
            data[2 * i] = (byte) values[i];
            data[2 * i + 1] = (byte) (values[i] >> 8);
        }
        return new TestTiff(values.length, 1, data).set(258, 16).bytes();
    }

    private int[] levels(byte[] file, ReadOptions options) {
        Picture picture = read(file, options);
        int[] levels = new int[picture.width()];
        for (int x = 0; x < levels.length; x++) {
            levels[x] = picture.pixel(x, 0) & 255;
        }
        return levels;
    }

    @Test
    void windows() {
        byte[] full = sixteenBits(0, 65535, 128 * 257, 40 * 257);
        assertArrayEquals(new int[] {0, 255, 128, 40}, levels(full, ReadOptions.DEFAULT));
        assertEquals(List.of("a.tif: samples of 0 to 65535 become levels 0 to 255"), notices);
        notices.clear();
        byte[] twelve = sixteenBits(100, 4000, 2050, 1000);
        assertArrayEquals(new int[] {0, 255, 128, 59}, levels(twelve, ReadOptions.DEFAULT));
        assertEquals(List.of("a.tif: samples of 100 to 4000 become levels 0 to 255"), notices);
        notices.clear();
        ReadOptions given = ReadOptions.DEFAULT.withWindow(WindowChoice.of(new Window(1000, 2020)));
        assertArrayEquals(new int[] {0, 255, 255, 0}, levels(twelve, given));
        assertEquals(List.of(), notices);
        byte[] eightIn16 = sixteenBits(0, 255, 128, 40);
        assertArrayEquals(new int[] {0, 255, 128, 40}, levels(eightIn16, ReadOptions.DEFAULT));
        assertArrayEquals(new int[] {255, 255}, levels(sixteenBits(7000, 7000), ReadOptions.DEFAULT), "one value");
        assertThrows(IllegalArgumentException.class, () -> new Window(1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Window(Double.NaN, 1));
    }

    @Test
    void oneWindowForManyPictures() {
        ReadOptions steady = ReadOptions.DEFAULT.withSteadyWindow();
        levels(sixteenBits(100, 4000), steady);
        assertArrayEquals(new int[] {0, 59}, levels(sixteenBits(50, 1000), steady));
        assertEquals(1, notices.size());
    }

    @Test
    void nanAndInfinityAreNoWindow() {
        float[] values = {0, 1, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0.5f};
        ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            data.putFloat(value);
        }
        byte[] file = new TestTiff(6, 1, data.array()).set(258, 32).set(339, 3).bytes();
        assertArrayEquals(new int[] {0, 255, 0, 255, 0, 128}, levels(file, ReadOptions.DEFAULT));
    }

    @Test
    void alphaIsKeptInStoredPictures() throws IOException {
        TestTiff tiff = new TestTiff(1, 1, new byte[] {1, 2, 3, 77})
                .set(277, 4)
                .set(258, 8, 8, 8, 8)
                .set(262, 2)
                .set(338, 2);
        Path file = Files.write(folder.resolve("a.tif"), tiff.bytes());
        assertEquals(
                77,
                PictureReader.readStored(file, ReadOptions.DEFAULT).getRaster().getSample(0, 0, 3));
        assertEquals(0x010203, Picture.read(file).pixel(0, 0));
    }

    @Test
    void plainPixelsThatAreMissing() {
        byte[] half = new byte[40 * 30 / 2];
        String cut = "a.tif ends before its picture does; it is probably truncated";
        assertEquals(cut, refusal(new TestTiff(40, 30, half).bytes(), ReadOptions.DEFAULT));
        assertEquals(cut, refusal(new TestTiff(40, 30, half).set(273, 1 << 30).bytes(), ReadOptions.DEFAULT));
        assertEquals(
                cut,
                refusal(
                        new TestTiff(40, 30, TestTiff.deflated(half))
                                .set(259, 8)
                                .bytes(),
                        ReadOptions.DEFAULT));
    }

    @Test
    void whatIsNotReadIsNamed() {
        byte[] pixel = new byte[64];
        assertEquals(
                "a.tif is a TIFF compressed by LZMA, which is not read",
                refusal(new TestTiff(2, 2, pixel).set(259, 34925).bytes(), ReadOptions.DEFAULT));
        assertEquals(
                "a.tif is a TIFF of complex samples of 64 bits, which is not read",
                refusal(new TestTiff(2, 2, pixel).set(258, 64).set(339, 6).bytes(), ReadOptions.DEFAULT));
        assertEquals(
                "a.tif is a raw picture of a camera's colour filter, which is not read",
                refusal(new TestTiff(2, 2, pixel).set(262, 32803).bytes(), ReadOptions.DEFAULT));
        assertTrue(refusal(new TestTiff(2, 2, pixel).set(258, 8, 16).bytes(), ReadOptions.DEFAULT)
                .contains("samples have different bits"));
    }

    @Test
    void sparseTilesAreBlack() {
        TestTiff tiff = new TestTiff(4, 2, new byte[] {9, 9, 9, 9})
                .tiles(2, 2, 2)
                .set(324, 8, 0)
                .set(325, 4, 0);
        Picture picture = read(tiff.bytes(), ReadOptions.DEFAULT);
        assertEquals(0x090909, picture.pixel(1, 1));
        assertEquals(0, picture.pixel(2, 0));
    }
}
