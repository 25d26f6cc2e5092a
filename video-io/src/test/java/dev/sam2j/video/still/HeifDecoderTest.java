package dev.sam2j.video.still;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.files.PictureReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeifDecoderTest {
    @TempDir
    Path folder;

    private static Path file(String name) {
        try {
            return Path.of(HeifDecoderTest.class.getResource("heif/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertNear(Picture expected, Picture actual) {
        assertEquals(expected.width(), actual.width());
        assertEquals(expected.height(), actual.height());
        byte[] a = expected.rgb();
        byte[] b = actual.rgb();
        for (int i = 0; i < a.length; i++) {
            assertEquals(a[i] & 255, b[i] & 255, 2, "sample " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "single.heic,single.heic.png",
        "thumbnail.heic,single.heic.png",
        "ten_bits.heic,ten_bits.heic.png",
        "grid_turned.heic,grid_turned.heic.png",
        "single.avif,single.avif.png",
        "alpha.avif,single.avif.png",
        "full_colour.avif,full_colour.avif.png",
        "transposed.avif,transposed.avif.png"
    })
    void picturesAreThoseOfOtherTools(String name, String expected) {
        assertNear(Picture.read(file(expected)), Picture.read(file(name)));
        assertTrue(PictureReader.isPictureName(file(name)));
    }

    @Test
    void turnsCanBeIgnored() {
        ReadOptions stored = ReadOptions.DEFAULT.withOrientation(false);
        Picture grid = Picture.read(file("grid_turned.heic"), stored);
        assertEquals(120, grid.width());
        assertEquals(100, grid.height());
        Picture upright = Picture.read(file("grid_turned.heic"));
        // Three quarter turns to the left: the lower left corner comes to the upper left.
        assertEquals(grid.pixel(0, 99), upright.pixel(0, 0));
        assertEquals(grid.pixel(0, 0), upright.pixel(99, 0));
    }

    @Test
    void largePicturesAreRefusedBeforeTheyAreDecoded() {
        PictureException e = assertThrows(
                PictureException.class,
                () -> Picture.read(file("single.heic"), ReadOptions.DEFAULT.withMaxPixels(6000)));
        assertTrue(
                e.getMessage().contains("single.heic has 96x64 pixels, more than the limit of 6000"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"single.heic", "grid_turned.heic", "single.avif"})
    void truncatedPicturesAreRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(file(name));
        for (int length : new int[] {20, 100, whole.length / 2, whole.length - 1}) {
            Path cut = Files.write(folder.resolve(name), Arrays.copyOf(whole, length));
            PictureException e = assertThrows(PictureException.class, () -> Picture.read(cut), "cut to " + length);
            assertTrue(e.getMessage().contains("truncated"), e.getMessage());
        }
    }

    /** Whatever a file has become, it is read or refused; never does the process end, which no test survives. */
    @ParameterizedTest
    @ValueSource(strings = {"single.heic", "grid_turned.heic", "alpha.avif", "thumbnail.heic"})
    void brokenFilesAreReadOrRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(file(name));
        Random random = new Random(name.hashCode());
        Path broken = folder.resolve(name);
        int refused = 0;
        for (int i = 0; i < 150; i++) {
            byte[] bytes = i % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            for (int k = 0; k < 3 && bytes.length > 0; k++) {
                int at = random.nextInt(i % 2 == 0 ? bytes.length : Math.min(bytes.length, 600));
                bytes[at] = (byte) random.nextInt();
            }
            Files.write(broken, bytes);
            try {
                assertTrue(Picture.read(broken).width() > 0);
            } catch (PictureException e) {
                refused++;
                assertTrue(e.getMessage().startsWith(broken.toString()), e.getMessage());
                assertEquals(1, e.getMessage().lines().count());
            }
        }
        assertTrue(refused > 20, "refused: " + refused);
        assertArrayEquals(whole, Files.readAllBytes(file(name)));
    }
}
