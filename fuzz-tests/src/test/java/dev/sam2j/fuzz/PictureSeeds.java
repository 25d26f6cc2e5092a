package dev.sam2j.fuzz;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.ImageIO;

/** Picture files, honest ones and others. */
final class PictureSeeds {
    /** The small pictures that the readers' own tests use, of formats that no writer is at hand for. */
    private static final Path RESOURCES = Path.of("..", "predictors", "src", "test", "resources", "pictures");

    private static final int MOST_BYTES = 64 << 10;
    private static final byte[] PNG = Seeds.bytes(0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n');
    private static final byte[] PNG_END = chunk("IEND", new byte[0]);

    private PictureSeeds() {}

    /** Files of a few kilobytes, to be changed further. */
    static Seeds small() {
        Seeds seeds = new Seeds();
        for (String format : List.of("png", "jpg", "gif", "bmp", "tif")) {
            byte[] whole = encoded(format);
            seeds.add(format, whole).add("cut " + format, Arrays.copyOf(whole, whole.length * 2 / 3));
        }
        seeds.add("grey png", encoded("png", BufferedImage.TYPE_BYTE_GRAY))
                .add("16-bit png", encoded("png", BufferedImage.TYPE_USHORT_GRAY))
                .add("palette png", encoded("png", BufferedImage.TYPE_BYTE_INDEXED))
                .add("two-colour png", encoded("png", BufferedImage.TYPE_BYTE_BINARY))
                .add("png with alpha", encoded("png", BufferedImage.TYPE_4BYTE_ABGR))
                .add("palette bmp", encoded("bmp", BufferedImage.TYPE_BYTE_INDEXED))
                .add("16-bit tif", encoded("tif", BufferedImage.TYPE_USHORT_GRAY))
                .add("fax tif", encoded("tif", BufferedImage.TYPE_BYTE_BINARY))
                .add("gif with an empty frame", gif(65535, 65535, new byte[0]))
                .add("png of no pixels", png(0, 0, 8, 2, new byte[0]))
                .add("png that ends in its header", Arrays.copyOf(png(7, 7, 8, 2, new byte[0]), 30))
                .add("wbmp", Seeds.bytes(0, 0, 8, 1, 0x55))
                .add("tif whose directories are a ring", tif(8, 0))
                .add("tif of a directory far away", tif(0x7ffffff0, 0))
                .add("tif of negative sizes", tif(0, -1))
                .add("text", "P3 1 1 255 0 0 0")
                .add("nothing", new byte[0]);
        resources().forEach(file -> seeds.add(file.getFileName().toString(), read(file)));
        return seeds;
    }

    /** Files whose claims are large, or that are large themselves. */
    static Seeds large() {
        return new Seeds()
                .add("GIF with a comment of 40,000 blocks", () -> gif(64, 64, comment(40_000)))
                .add("GIF with 200,000 comments", () -> gif(64, 64, comments(200_000)))
                .add("JPEG of 260 scans, 4000x4000", () -> progressive(4000))
                .add("JPEG of 260 scans, 1000x1000", () -> progressive(1000))
                .add("JPEG with 500,000 empty segments", () -> segments(500_000))
                .add("TIFF of 1000 samples a pixel", () -> Seeds.resource("many_samples.tif"))
                .add("TIFF of 2^31 strips", () -> tif(0, 1 << 30))
                .add("PNG of 1x60,000,000", () -> tallPng(60_000_000))
                .add("PNG of 60,000,000x1", () -> png(60_000_000, 1, 8, 0, zeros(60_000_001)))
                .add("PNG of 16384x16384 without pixels", () -> png(16384, 16384, 8, 2, new byte[0]))
                .add("PNG of 65536x65536", () -> png(65536, 65536, 16, 6, new byte[0]))
                .add("PNG with 300,000 texts", () -> chunks(300_000, "tEXt", "a\0b"))
                .add("PNG in 500,000 empty pieces", () -> chunks(500_000, "IDAT", ""))
                .add("PNG with a text that inflates to 200 MB", () -> inflating("zTXt", "a\0\0"))
                .add("PNG with a profile that inflates to 200 MB", () -> inflating("iCCP", "a\0\0"))
                .add("BMP of 30000x8000 without pixels", () -> bmp(30_000, 8_000));
    }

    private static Stream<Path> resources() {
        try (Stream<Path> files = Files.list(RESOURCES)) {
            return files
                    .filter(file -> file.toFile().length() <= MOST_BYTES
                            && file.toFile().isFile())
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] encoded(String format) {
        return encoded(format, BufferedImage.TYPE_INT_RGB);
    }

    private static byte[] encoded(String format, int type) {
        BufferedImage image = new BufferedImage(19, 13, type);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.ORANGE);
        graphics.fillOval(3, 2, 9, 8);
        graphics.dispose();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, out)) {
                throw new IllegalStateException("no writer for " + format);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A GIF of one frame of a pixel, with extensions before it. */
    private static byte[] gif(int width, int height, byte[] extensions) {
        byte[] head = ByteBuffer.allocate(19)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("GIF89a".getBytes(StandardCharsets.US_ASCII))
                .putShort((short) width)
                .putShort((short) height)
                .put(Seeds.bytes(0x80, 0, 0, 0, 0, 0, -1, -1, -1))
                .array();
        byte[] frame = Seeds.bytes(0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b);
        return Seeds.concat(head, extensions, frame);
    }

    private static byte[] comment(int blocks) {
        byte[] comment = new byte[2 + 256 * blocks + 1];
        Arrays.fill(comment, (byte) 'a');
        comment[0] = 0x21;
        comment[1] = (byte) 0xfe;
        for (int i = 0; i < blocks; i++) {
            comment[2 + 256 * i] = (byte) 255;
        }
        comment[comment.length - 1] = 0;
        return comment;
    }

    private static byte[] comments(int count) {
        byte[] comments = new byte[5 * count];
        byte[] comment = Seeds.bytes(0x21, 0xfe, 1, 'a', 0);
        for (int i = 0; i < count; i++) {
            System.arraycopy(comment, 0, comments, 5 * i, 5);
        }
        return comments;
    }

    /** Scans that say nothing cost a decoder a pass over the picture each. */
    private static byte[] progressive(int side) {
        byte[] jpeg = Seeds.resource("jpg_prog_1000.jpg");
        ByteBuffer.wrap(jpeg).putShort(0xa3, (short) side).putShort(0xa5, (short) side);
        return jpeg;
    }

    private static byte[] segments(int count) {
        byte[] jpeg = encoded("jpg", BufferedImage.TYPE_INT_RGB);
        byte[] segments = new byte[4 * count];
        for (int i = 0; i < count; i++) {
            System.arraycopy(Seeds.bytes(0xff, 0xe5, 0, 2), 0, segments, 4 * i, 4);
        }
        return Seeds.concat(Arrays.copyOf(jpeg, 2), segments, Arrays.copyOfRange(jpeg, 2, jpeg.length));
    }

    static byte[] png(int width, int height, int bits, int colourType, byte[] deflated) {
        return Seeds.concat(PNG, header(width, height, bits, colourType), chunk("IDAT", deflated), PNG_END);
    }

    private static byte[] tallPng(int height) {
        return png(1, height, 8, 0, zeros(2 * height));
    }

    private static byte[] header(int width, int height, int bits, int colourType) {
        return chunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) bits)
                        .put((byte) colourType)
                        .array());
    }

    private static byte[] chunks(int count, String type, String content) {
        byte[] one = chunk(type, content.getBytes(StandardCharsets.ISO_8859_1));
        byte[] all = new byte[count * one.length];
        for (int i = 0; i < count; i++) {
            System.arraycopy(one, 0, all, i * one.length, one.length);
        }
        return Seeds.concat(PNG, header(1, 1, 8, 0), all, chunk("IDAT", zeros(2)), PNG_END);
    }

    private static byte[] inflating(String type, String before) {
        byte[] content = Seeds.concat(before.getBytes(StandardCharsets.ISO_8859_1), zeros(200_000_000));
        return Seeds.concat(PNG, header(1, 1, 8, 0), chunk(type, content), chunk("IDAT", zeros(2)), PNG_END);
    }

    private static byte[] chunk(String type, byte[] content) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(content);
        return ByteBuffer.allocate(12 + content.length)
                .putInt(content.length)
                .put(name)
                .put(content)
                .putInt((int) crc.getValue())
                .array();
    }

    /** Very many zeros, deflated. */
    static byte[] zeros(int count) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] block = new byte[1 << 16];
        for (int rest = count; rest > 0; rest -= block.length) {
            deflater.setInput(block, 0, Math.min(rest, block.length));
            drain(deflater, out);
        }
        deflater.finish();
        drain(deflater, out);
        deflater.end();
        return out.toByteArray();
    }

    private static void drain(Deflater deflater, ByteArrayOutputStream out) {
        byte[] buffer = new byte[1 << 12];
        for (int n = deflater.deflate(buffer); n > 0; n = deflater.deflate(buffer)) {
            out.write(buffer, 0, n);
        }
    }

    /** A TIFF of a grey picture with the given next directory, and number of strips. */
    private static byte[] tif(int next, int strips) {
        int[][] entries = {
            {256, 3, 1, 16},
            {257, 3, 1, 16},
            {258, 3, 1, 8},
            {259, 3, 1, 1},
            {262, 3, 1, 1},
            {273, 4, strips, 8},
            {277, 3, 1, 1},
            {278, 3, 1, 1},
            {279, 4, strips, 8}
        };
        ByteBuffer out = ByteBuffer.allocate(8 + 2 + 12 * entries.length + 4).order(ByteOrder.LITTLE_ENDIAN);
        out.putShort((short) 0x4949).putShort((short) 42).putInt(8).putShort((short) entries.length);
        for (int[] entry : entries) {
            out.putShort((short) entry[0])
                    .putShort((short) entry[1])
                    .putInt(entry[2])
                    .putInt(entry[3]);
        }
        return out.putInt(next).array();
    }

    private static byte[] bmp(int width, int height) {
        ByteBuffer out = ByteBuffer.allocate(54).order(ByteOrder.LITTLE_ENDIAN);
        out.putShort((short) 0x4d42).putInt(54).putInt(0).putInt(54).putInt(40);
        return out.putInt(width)
                .putInt(height)
                .putShort((short) 1)
                .putShort((short) 24)
                .array();
    }
}
