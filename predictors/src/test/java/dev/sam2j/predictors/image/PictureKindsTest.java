package dev.sam2j.predictors.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of file against the values that other programs read from it ({@code pictures/kinds/README.md}). */
class PictureKindsTest {
    private static final int TOLERANCE = 2;

    static List<String> kinds() {
        return new String(TestPictures.resource("kinds/expected.txt"), StandardCharsets.US_ASCII)
                .lines()
                .toList();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void pixelsAreThoseOfOtherPrograms(String line) {
        String[] parts = line.split(" (?=\\d+x)| (?=[\\d.]+,[\\d.]+,[\\d.]+ )| (?=\\d+,\\d+:)");
        String name = parts[0].substring(0, parts[0].indexOf(' '));
        Picture picture = TestPictures.read(TestPictures.resource("kinds/" + name));
        assertEquals(parts[1], picture.width() + "x" + picture.height());
        String[] means = parts[2].split(",");
        for (int c = 0; c < 3; c++) {
            assertEquals(Double.parseDouble(means[c]), mean(picture, c), 1, name + ": mean of channel " + c);
        }
        assertTrue(parts.length > 20);
        for (int i = 3; i < parts.length; i++) {
            String[] numbers = parts[i].split("[,:]");
            int pixel = picture.pixel(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
            for (int c = 0; c < 3; c++) {
                int level = pixel >> 16 - 8 * c & 255;
                assertEquals(Integer.parseInt(numbers[2 + c]), level, TOLERANCE, name + ": " + parts[i]);
            }
        }
    }

    private static double mean(Picture picture, int channel) {
        double sum = 0;
        byte[] rgb = picture.rgb();
        for (int i = channel; i < rgb.length; i += 3) {
            sum += rgb[i] & 255;
        }
        return 3 * sum / rgb.length;
    }
}
