package dev.sam2j.predictors.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/** Encoded pictures and pieces of them for tests. */
public final class TestPictures {
    private TestPictures() {}

    /** A picture whose pixels all differ: red counts columns, green counts rows. */
    public static BufferedImage gradient(int width, int height, int type) {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, colour(x, y) | 0xFF000000);
            }
        }
        return image;
    }

    static int colour(int x, int y) {
        return x * 7 % 256 << 16 | y * 11 % 256 << 8 | (x + y) % 256;
    }

    public static byte[] encode(BufferedImage image, String format) {
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

    static byte[] resource(String name) {
        try (InputStream in = TestPictures.class.getResourceAsStream("/pictures/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Picture read(byte[] file) {
        return read(file, ReadOptions.DEFAULT);
    }

    static Picture read(byte[] file, ReadOptions options) {
        return Picture.read(new ByteArrayInputStream(file), "test.img", options);
    }

    /** A TIFF structure whose first directory holds the orientation. */
    static byte[] exif(int orientation, ByteOrder order) {
        ByteBuffer exif = ByteBuffer.allocate(38).order(order);
        exif.putShort((short) (order == ByteOrder.BIG_ENDIAN ? 0x4D4D : 0x4949))
                .putShort((short) 42)
                .putInt(8);
        exif.putShort((short) 2);
        exif.putShort((short) 0x0100).putShort((short) 4).putInt(1).putInt(99);
        exif.putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) orientation)
                .putShort((short) 0);
        exif.putInt(0);
        return exif.array();
    }

    static byte[] withExifSegment(byte[] jpeg, byte[] exif) {
        return withSegment(jpeg, 0xFFE1, "Exif\0\0", exif);
    }

    static byte[] withColourProfile(byte[] jpeg, byte[] profile) {
        return withSegment(jpeg, 0xFFE2, "ICC_PROFILE\0\1\1", profile);
    }

    /** A JPEG with a segment after its first marker. */
    private static byte[] withSegment(byte[] jpeg, int marker, String name, byte[] data) {
        ByteBuffer out = ByteBuffer.allocate(jpeg.length + 4 + name.length() + data.length);
        out.put(jpeg, 0, 2).putShort((short) marker).putShort((short) (2 + name.length() + data.length));
        out.put(name.getBytes(StandardCharsets.US_ASCII)).put(data).put(jpeg, 2, jpeg.length - 2);
        return out.array();
    }

    /** A PNG with a chunk after its header. */
    static byte[] withChunk(byte[] png, String type, byte[] data) {
        int header = 8 + 25;
        return ByteBuffer.allocate(png.length + data.length + 12)
                .put(png, 0, header)
                .put(chunk(type, data))
                .put(png, header, png.length - header)
                .array();
    }

    static byte[] chunk(String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        return ByteBuffer.allocate(12 + data.length)
                .putInt(data.length)
                .put(name)
                .put(data)
                .putInt((int) crc.getValue())
                .array();
    }

    /** A PNG header of an 8-bit RGB picture with nothing behind it but an end. */
    static byte[] hugePng(int width, int height) {
        return hugePng(width, height, 8, 2);
    }

    static byte[] hugePng(int width, int height, int bits, int colourType) {
        byte[] header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put((byte) bits)
                .put((byte) colourType)
                .array();
        ByteBuffer out = ByteBuffer.allocate(8 + 25 + 12 + 12);
        out.putLong(0x89504E470D0A1A0AL).put(chunk("IHDR", header)).put(chunk("IDAT", new byte[0]));
        return out.put(chunk("IEND", new byte[0])).array();
    }

    static byte[] head(byte[] file, int length) {
        return Arrays.copyOf(file, length);
    }
}
