package dev.sam2j.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The committed samples are what the generator makes, and its truth fits its pictures. */
class SampleScenesTest {

    static List<String> names() {
        return SampleScenes.names();
    }

    /** The folder of the committed samples; tests run in the module's folder, or in the one above it. */
    private static Path samples() {
        Path here = Path.of("samples");
        return Files.isDirectory(here) ? here : Path.of("..", "samples");
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    @ParameterizedTest
    @MethodSource("names")
    void committedPicturesAreReproduced(String name) throws IOException {
        Path file = samples().resolve(name + ".png");
        BufferedImage committed = ImageIO.read(file.toFile());
        BufferedImage made = SampleScenes.still(name).image();
        assertEquals(committed.getWidth(), made.getWidth());
        assertEquals(committed.getHeight(), made.getHeight());
        assertArrayEquals(pixels(committed), pixels(made));
        assertTrue(Files.size(file) <= 200_000, name + " has " + Files.size(file) + " bytes");
    }

    @Test
    void committedReadmeIsReproduced() throws IOException {
        assertEquals(Files.readString(samples().resolve("README.md")), SampleScenes.readme());
    }

    @ParameterizedTest
    @MethodSource("names")
    void masksAreDisjointAndHoldTheirPoints(String name) {
        Frame frame = SampleScenes.still(name);
        int width = frame.image().getWidth();
        int[] owners = new int[width * frame.image().getHeight()];
        for (int object = 0; object < frame.masks().size(); object++) {
            boolean[] mask = frame.masks().get(object);
            int area = 0;
            for (int i = 0; i < mask.length; i++) {
                owners[i] += mask[i] ? 1 : 0;
                area += mask[i] ? 1 : 0;
            }
            int[] point = frame.innermost(object);
            int[] box = frame.box(object);
            assertTrue(area > 500, "object " + object + " shows only " + area + " pixels");
            assertTrue(mask[point[1] * width + point[0]]);
            assertTrue(area <= (box[2] - box[0] + 1) * (box[3] - box[1] + 1));
        }
        // At a pixel that two edges share half and half both may count as seen.
        assertTrue(Arrays.stream(owners).filter(count -> count > 1).count() <= 20);
    }

    /** Colours change at a mask's border more than inside: the masks lie where the shapes are painted. */
    @Test
    void masksFollowThePicture() {
        Frame frame = SampleScenes.still("shapes");
        int width = frame.image().getWidth();
        int[] rgb = pixels(frame.image());
        for (boolean[] mask : frame.masks()) {
            double border = IntStream.range(2, rgb.length - 2)
                    .filter(i -> mask[i] != mask[i + 1])
                    .map(i -> distance(rgb[i - 1], rgb[i + 2]))
                    .average()
                    .orElseThrow();
            double inside = IntStream.range(2, rgb.length - 2)
                    .filter(i -> mask[i - 1] && mask[i + 2] && i % width > 1)
                    .map(i -> distance(rgb[i - 1], rgb[i + 2]))
                    .average()
                    .orElseThrow();
            assertTrue(border > 3 * inside, border + " at the border, " + inside + " inside");
        }
    }

    private static int distance(int a, int b) {
        return Math.abs((a >> 16 & 255) - (b >> 16 & 255))
                + Math.abs((a >> 8 & 255) - (b >> 8 & 255))
                + Math.abs((a & 255) - (b & 255));
    }

    @Test
    void sequencesMoveSteadilyAndRepeatExactly() {
        List<Frame> frames = SampleScenes.sequence(3, 160, 120, 2, 5);
        List<Frame> again = SampleScenes.sequence(3, 160, 120, 2, 5);
        assertEquals(5, frames.size());
        for (int i = 0; i < 5; i++) {
            assertArrayEquals(pixels(frames.get(i).image()), pixels(again.get(i).image()));
            assertEquals(2, frames.get(i).masks().size());
        }
        for (int i = 1; i < 5; i++) {
            assertFalse(Arrays.equals(
                    frames.get(i - 1).masks().get(1), frames.get(i).masks().get(1)));
            assertTrue(
                    iou(frames.get(i - 1).masks().get(1), frames.get(i).masks().get(1)) > 0.7);
        }
        assertFalse(Arrays.equals(
                pixels(frames.get(0).image()),
                pixels(SampleScenes.sequence(4, 160, 120, 2, 1).get(0).image())));
    }

    private static double iou(boolean[] a, boolean[] b) {
        long both = IntStream.range(0, a.length).filter(i -> a[i] && b[i]).count();
        long either = IntStream.range(0, a.length).filter(i -> a[i] || b[i]).count();
        return (double) both / either;
    }

    @Test
    void unknownNames() {
        assertThrows(IllegalArgumentException.class, () -> SampleScenes.still("photo"));
    }

    @Test
    void innermostAndBoxOfASmallMask() {
        boolean[] mask = new boolean[7 * 6];
        for (int y = 1; y < 6; y++) {
            for (int x = 2; x < 7; x++) {
                mask[y * 7 + x] = true;
            }
        }
        Frame frame = new Frame(
                new BufferedImage(7, 6, BufferedImage.TYPE_INT_RGB),
                List.of("a", "none"),
                List.of(mask, new boolean[42]));
        assertArrayEquals(new int[] {2, 1, 6, 5}, frame.box(0));
        assertArrayEquals(new int[] {4, 3}, frame.innermost(0));
        assertEquals(null, frame.box(1));
    }
}
