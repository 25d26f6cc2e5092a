package dev.sam2j.cli;

import dev.sam2j.weights.safetensors.Safetensors;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;

/** Input files for tests. */
public final class TestFiles {
    private TestFiles() {}

    /** A picture with a light square in the middle, of any size and type. */
    public static BufferedImage square(int width, int height, int type) {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                boolean inside = Math.abs(2 * x - width) < width / 2 && Math.abs(2 * y - height) < height / 2;
                image.setRGB(x, y, inside ? 0xFFE0E0D0 : 0xFF203060);
            }
        }
        return image;
    }

    public static byte[] encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!ImageIO.write(image, format, bytes)) {
            throw new IOException("no writer for " + format);
        }
        return bytes.toByteArray();
    }

    public static byte[] png(int width, int height, int type) throws IOException {
        return encoded(square(width, height, type), "png");
    }

    /** A JPEG whose EXIF data say that it must be turned by 90 degrees clockwise to stand upright. */
    public static byte[] turnedJpeg(int width, int height) throws IOException {
        byte[] jpeg = encoded(square(width, height, BufferedImage.TYPE_INT_RGB), "jpg");
        byte[] exif = {
            (byte) 0xFF,
            (byte) 0xE1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0, // segment of 34 bytes
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8, // big-endian TIFF, directory at 8
            0,
            1,
            0x01,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            6,
            0,
            0, // one entry: orientation, one SHORT, 6
            0,
            0,
            0,
            0 // no further directory
        };
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(jpeg, 0, 2);
        bytes.write(exif);
        bytes.write(jpeg, 2, jpeg.length - 2);
        return bytes.toByteArray();
    }

    /** A safetensors file with one tensor (count, size, size) of zeros. */
    static void logits(Path file, String name, int count, int size) {
        Safetensors.write(
                file, Map.of(name, Safetensors.Entry.of(new float[count * size * size], count, size, size)), Map.of());
    }
}
