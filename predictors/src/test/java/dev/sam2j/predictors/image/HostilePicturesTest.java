package dev.sam2j.predictors.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sam2j.predictors.image.pixels.Bytes;
import dev.sam2j.predictors.image.tiff.TestTiff;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that claim or repeat much are answered within two seconds and little more memory than they are worth. */
class HostilePicturesTest {
    private static final int MANY = 100_000;

    /** Reads a file; its message if it is refused, its size if it is read. */
    private static String answer(byte[] file) {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = thread.getCurrentThreadAllocatedBytes();
        long nanos = thread.getCurrentThreadCpuTime();
        long pixels = 0;
        String answer;
        try {
            Picture picture = TestPictures.read(file);
            pixels = (long) picture.width() * picture.height();
            answer = picture.width() + "x" + picture.height();
        } catch (PictureException e) {
            answer = e.getMessage();
        }
        nanos = thread.getCurrentThreadCpuTime() - nanos;
        bytes = thread.getCurrentThreadAllocatedBytes() - bytes;
        assertTrue(nanos < 2_000_000_000L, answer + " took " + nanos / 1_000_000 + " ms");
        long limit = 4L * file.length + 16 * pixels + (64 << 20);
        assertTrue(bytes < limit, answer + " took " + bytes + " bytes, more than " + limit);
        return answer;
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] repeated(byte[] part, int times) {
        byte[] all = new byte[part.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(part, 0, all, i * part.length, part.length);
        }
        return all;
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] gif(int width, int height, byte[] before, byte[] after) {
        byte[] head = ByteBuffer.allocate(19)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(latin("GIF89a"))
                .putShort((short) width)
                .putShort((short) height)
                .put((byte) 0xF0)
                .array();
        return join(head, before, FRAME, after, latin(";"));
    }

    private static final byte[] FRAME =
            latin(",\0\0\0\0\20\0\20\0\0\2\16\204\217\251\313\355\17\243\234\264\332\213\263\76\5\0");

    @Test
    void gifsOfManyBlocks() {
        byte[] block = new byte[256];
        Arrays.fill(block, (byte) 'a');
        block[0] = (byte) 255;
        assertEquals(
                "16x16", answer(gif(16, 16, join(latin("!\376"), repeated(block, 40_000), latin("\0")), new byte[0])));
        assertEquals("16x16", answer(gif(16, 16, repeated(latin("!\376\1a\0"), MANY), new byte[0])));
        assertEquals("16x16", answer(gif(16, 16, repeated(latin("!\371\4\0\0\0\0\0"), MANY), new byte[0])));
        assertEquals("16x16", answer(gif(16, 16, new byte[0], repeated(FRAME, MANY))));
        assertTrue(answer(gif(16_000, 16_000, new byte[0], new byte[0])).contains("can hold no picture of that size"));
    }

    @Test
    void theFaultsThatWereFound() {
        assertTrue(answer(TestPictures.resource("jpg_prog_1000.jpg")).contains("1000x1000 pixels in 260 scans"));
        assertTrue(answer(TestPictures.resource("many_samples.tif")).contains("1000 samples a pixel"));
        Picture offset = TestPictures.read(TestPictures.resource("gif_offset.gif"));
        assertEquals("Picture[401x267]", offset.toString());
        assertEquals(0x030303, offset.pixel(0, 0));
    }

    private static byte[] png(int width, int height, byte[] chunks) {
        byte[] header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put((byte) 8)
                .array();
        byte[] signature = ByteBuffer.allocate(8).putLong(0x89504E470D0A1A0AL).array();
        return join(signature, TestPictures.chunk("IHDR", header), chunks, TestPictures.chunk("IEND", new byte[0]));
    }

    private static byte[] zeros(int length) {
        return TestTiff.deflated(new byte[length]);
    }

    @Test
    void pngs() {
        byte[] pixels = TestPictures.chunk("IDAT", zeros(20));
        assertTrue(answer(png(1, 60_000_000, TestPictures.chunk("IDAT", zeros(20))))
                .contains("a side longer"));
        assertTrue(answer(png(60_000_000, 1, TestPictures.chunk("IDAT", zeros(20))))
                .contains("a side longer"));
        assertEquals("1x262144", answer(png(1, 262_144, TestPictures.chunk("IDAT", zeros(524_288)))));
        assertTrue(answer(png(16_000, 16_000, pixels)).contains("can hold no picture of that size"));
        byte[] bomb = join(latin("a\0\0"), zeros(20_000_000));
        byte[] texts = join(
                TestPictures.chunk("zTXt", bomb), TestPictures.chunk("iCCP", bomb), TestPictures.chunk("iTXt", bomb));
        assertEquals("4x4", answer(png(4, 4, join(texts, pixels))));
        assertEquals("4x4", answer(png(4, 4, join(repeated(TestPictures.chunk("tEXt", latin("a\0b")), MANY), pixels))));
        assertEquals("4x4", answer(png(4, 4, join(repeated(TestPictures.chunk("IDAT", new byte[0]), MANY), pixels))));
        assertEquals("4x4", answer(png(4, 4, TestPictures.chunk("IDAT", zeros(20_000_000)))));
    }

    private static byte[] segment(int marker, byte[] content) {
        return ByteBuffer.allocate(4 + content.length)
                .put((byte) 0xFF)
                .put((byte) marker)
                .putShort((short) (2 + content.length))
                .put(content)
                .array();
    }

    @ParameterizedTest
    @ValueSource(ints = {0xE0, 0xE1, 0xE2, 0xEE, 0xFE})
    void jpegsOfManySegments(int marker) {
        byte[] jpeg = TestPictures.resource("kinds/jpeg_444.jpg");
        byte[] rest = Arrays.copyOfRange(jpeg, 2, jpeg.length);
        String name =
                marker == 0xE0 ? "JFIF\0" : marker == 0xE1 ? "Exif\0\0" : marker == 0xEE ? "Adobe" : "ICC_PROFILE\0";
        byte[] large = segment(marker, join(latin(name), new byte[60_000]));
        assertEquals("61x43", answer(join(latin("\377\330"), repeated(large, 100), rest)));
        assertEquals("61x43", answer(join(latin("\377\330"), repeated(segment(marker, latin(name)), MANY), rest)));
    }

    @Test
    void jpegsOfManyTables() {
        byte[] jpeg = TestPictures.resource("kinds/jpeg_444.jpg");
        for (int marker : new int[] {0xDB, 0xC4}) {
            int at = 2;
            while ((jpeg[at + 1] & 255) != marker) {
                at += 2 + Bytes.u16(jpeg, at + 2, false);
            }
            byte[] table = Arrays.copyOfRange(jpeg, at, at + 2 + Bytes.u16(jpeg, at + 2, false));
            byte[] many =
                    join(Arrays.copyOf(jpeg, at), repeated(table, 100_000), Arrays.copyOfRange(jpeg, at, jpeg.length));
            assertTrue(answer(many).contains("segments"));
        }
    }

    @Test
    void unreadCodingsOfJpegAreNamed() {
        byte[] jpeg = TestPictures.resource("kinds/jpeg_444.jpg");
        int frame = 2;
        while ((jpeg[frame + 1] & 255) != 0xC0) {
            frame += 2 + Bytes.u16(jpeg, frame + 2, false);
        }
        byte[] twelve = jpeg.clone();
        twelve[frame + 1] = (byte) 0xC1;
        twelve[frame + 4] = 12;
        assertEquals("test.img is a JPEG of 12 bits a sample instead of 8, which is not read", answer(twelve));
        byte[] arithmetic = jpeg.clone();
        arithmetic[frame + 1] = (byte) 0xC9;
        assertEquals("test.img is a JPEG with arithmetic coding, which is not read", answer(arithmetic));
    }

    @Test
    void tiffs() {
        byte[] bomb = zeros(10_000_000);
        byte[] one = TestTiff.deflated(new byte[1]);
        assertEquals("10x10", answer(new TestTiff(10, 10, bomb).set(259, 8).bytes()));
        assertTrue(answer(new TestTiff(700, 700, Arrays.copyOf(bomb, 5000))
                        .set(259, 8)
                        .set(277, 1000)
                        .bytes())
                .contains("490000000 samples"));
        byte[] strips = new TestTiff(1, MANY, one)
                .set(259, 8)
                .set(278, 1)
                .set(273, TestTiff.repeated(8, MANY))
                .set(279, TestTiff.repeated(one.length, MANY))
                .bytes();
        assertEquals("1x100000", answer(strips));
        assertTrue(answer(new TestTiff(1000, 1000, one)
                        .set(259, 8)
                        .tiles(1, 1, 1_000_000)
                        .bytes())
                .contains("1000000 tiles"));
        assertEquals(
                "100x100",
                answer(new TestTiff(100, 100, bomb)
                        .set(259, 8)
                        .tiles(65_536, 65_536, 1)
                        .bytes()));
        assertTrue(answer(new TestTiff(100, 100, bomb)
                        .set(259, 8)
                        .tiles(1 << 30, 1, 100)
                        .bytes())
                .contains("columns of a tile"));
        byte[] all = new byte[4 << 20];
        ByteBuffer overlapping = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        overlapping.putInt(0x002A4949).putInt(8).putShort((short) 65_535);
        for (int i = 0; i < 65_535; i++) {
            overlapping
                    .putShort((short) 700)
                    .putShort((short) 1)
                    .putInt(all.length - 8)
                    .putInt(8);
        }
        answer(all);
        ByteBuffer chain = ByteBuffer.allocate(8 + 18 * MANY).order(ByteOrder.LITTLE_ENDIAN);
        chain.putInt(0x002A4949).putInt(8);
        for (int i = 1; i <= MANY; i++) {
            chain.putShort((short) 1)
                    .putShort((short) 256)
                    .putShort((short) 4)
                    .putInt(1)
                    .putInt(1)
                    .putInt(8 + 18 * i);
        }
        answer(chain.array());
    }

    @Test
    void webps() {
        byte[] webp = TestPictures.resource("kinds/webp_75.webp");
        byte[] huge = webp.clone();
        Arrays.fill(huge, 26, 30, (byte) 0x3F);
        assertTrue(answer(huge).contains("16191x16191 pixels"), answer(huge));
        byte[] chunk = Arrays.copyOfRange(webp, 12, webp.length);
        byte[] many = join(Arrays.copyOf(webp, 12), repeated(latin("abcd\0\0\0\0"), MANY), chunk);
        assertEquals("61x43", answer(many));
        byte[] animated = TestPictures.resource("kinds/webp_animated.webp");
        int frame = new String(animated, StandardCharsets.ISO_8859_1).indexOf("ANMF");
        byte[] frames = join(animated, repeated(Arrays.copyOfRange(animated, frame, animated.length), 1000));
        assertEquals("61x43", answer(frames));
    }

    @Test
    void bmpsAndPnms() {
        ByteBuffer runs = ByteBuffer.allocate(54 + 1024 + 2).order(ByteOrder.LITTLE_ENDIAN);
        runs.put(latin("BM"))
                .putInt(100)
                .putInt(0)
                .putInt(54 + 1024)
                .putInt(40)
                .putInt(16_000)
                .putInt(16_000);
        runs.putShort((short) 1).putShort((short) 8).putInt(1);
        assertTrue(answer(runs.array()).contains("can hold no picture of that size"));
        runs.putInt(18, 1000).putInt(22, 1000);
        assertEquals("test.img is broken or truncated: its pixels do not fit its header", answer(runs.array()));
        runs.putInt(30, 5);
        assertEquals("test.img is a BMP that holds a JPEG or PNG, which is not read", answer(runs.array()));
        assertTrue(answer(latin("P6 16000 16000 255\nabc")).contains("truncated"));
        assertTrue(answer(latin("P2 2 2 255\n" + "0".repeat(2_000_000))).contains("truncated"));
        assertEquals("1x1", answer(latin("P2\n" + "#\n".repeat(1_000_000) + "1 1 255\n7")));
    }
}
