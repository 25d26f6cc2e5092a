package dev.sam2j.video.still;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.files.PictureReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Jpeg2000DecoderTest {
    private static byte[] file(String name) throws IOException {
        try (InputStream in = Jpeg2000DecoderTest.class.getResourceAsStream("jp2/" + name)) {
            return in.readAllBytes();
        }
    }

    private static Picture read(byte[] file) {
        return Picture.read(new ByteArrayInputStream(file), "a.jp2", ReadOptions.DEFAULT);
    }

    private static String refusal(byte[] file) {
        return assertThrows(PictureException.class, () -> read(file)).getMessage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reversible.jp2", "irreversible.jp2", "grey.jp2", "tiles.j2k", "sixteen.jp2"})
    void picturesAreThoseOfOtherTools(String name) throws IOException {
        Picture expected = read(file(name + ".png"));
        Picture actual = read(file(name));
        assertEquals(expected.width(), actual.width());
        assertEquals(expected.height(), actual.height());
        byte[] a = expected.rgb();
        byte[] b = actual.rgb();
        for (int i = 0; i < a.length; i++) {
            assertEquals(a[i] & 255, b[i] & 255, 2, "sample " + i);
        }
        assertTrue(PictureReader.isPictureName(Path.of(name)));
    }

    @Test
    void truncatedPicturesAreRefused() throws IOException {
        byte[] whole = file("reversible.jp2");
        for (int length : new int[] {12, 60, 120, whole.length / 2, whole.length - 1}) {
            String message = refusal(Arrays.copyOf(whole, length));
            assertTrue(message.contains("truncated"), message);
        }
    }

    @Test
    void claimsAreCheckedBeforeMemoryIsTaken() throws IOException {
        byte[] large = file("tiles.j2k");
        ByteBuffer.wrap(large).putInt(8, 60_000).putInt(12, 60_000);
        assertTrue(refusal(large).contains("59993x59995 pixels, more than the limit"), refusal(large));
        byte[] tiles = file("tiles.j2k");
        ByteBuffer.wrap(tiles).putInt(24, 1).putInt(28, 1).putInt(32, 6).putInt(36, 4);
        assertTrue(refusal(tiles).contains("tiles of 3 components are more than are read"), refusal(tiles));
    }

    /** Whatever a file has become, it is read or refused; never does the process end, which no test survives. */
    @ParameterizedTest
    @ValueSource(strings = {"reversible.jp2", "irreversible.jp2", "tiles.j2k"})
    void brokenFilesAreReadOrRefused(String name) throws IOException {
        byte[] whole = file(name);
        Random random = new Random(name.hashCode());
        int refused = 0;
        for (int i = 0; i < 150; i++) {
            byte[] bytes = whole.clone();
            for (int k = 0; k < 3; k++) {
                bytes[random.nextInt(i % 2 == 0 ? bytes.length : 300)] = (byte) random.nextInt();
            }
            try {
                assertTrue(read(bytes).width() > 0);
            } catch (PictureException e) {
                refused++;
                assertTrue(e.getMessage().startsWith("a.jp2 "), e.getMessage());
                assertEquals(1, e.getMessage().lines().count());
            }
        }
        assertTrue(refused > 20, "refused: " + refused);
    }
}
