package dev.sam2j.training.data.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class AugmentationTest {
    static List<String> pillow() throws IOException {
        return lines("pillow.txt");
    }

    static List<String> torch() throws IOException {
        return lines("torch.txt");
    }

    private static List<String> lines(String name) throws IOException {
        try (InputStream in = AugmentationTest.class.getResourceAsStream("/augment/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    private static Picture picture(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % width;
            int y = i / 3 / width;
            rgb[i] = (byte) (x * 31 + y * 57 + i % 3 * 83 + x * y * 7);
        }
        return Picture.of(rgb, width, height);
    }

    @ParameterizedTest
    @MethodSource("pillow")
    void equalsPillow(String line) {
        String[] parts = line.split(" ");
        byte[] expected = HexFormat.of().parseHex(parts[2]);
        if (parts[0].equals("WARP")) {
            String[] angles = parts[1].split(",");
            Warp warp = Warp.of(Double.parseDouble(angles[0]), Double.parseDouble(angles[1]));
            assertArrayEquals(expected, warp.apply(picture(9, 7)).rgb());
        } else {
            ColourJitter.Step step =
                    new ColourJitter.Step(ColourJitter.Kind.valueOf(parts[0]), Double.parseDouble(parts[1]));
            assertArrayEquals(
                    expected,
                    new ColourJitter(List.of(step)).apply(picture(9, 7)).rgb());
        }
    }

    /** Where exactly half of a pixel belongs to the object, it does not; PyTorch's answer depends on rounding there. */
    @ParameterizedTest
    @MethodSource("torch")
    void masksScaleAsInPyTorch(String line) {
        String[] parts = line.split(" ");
        int side = Integer.parseInt(parts[2]);
        Mask mask = mask(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), parts[3]);
        Mask expected = mask(side, side, parts[4].replace('?', '0'));
        assertEquals(expected, MaskScaler.toSquare(mask, side));
    }

    private static Mask mask(int width, int height, String pixels) {
        byte[] bytes = new byte[pixels.length()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (pixels.charAt(i) - '0');
        }
        return Mask.ofBytes(width, height, bytes);
    }

    @Test
    void mirrorsSwapPixels() {
        Picture picture = picture(9, 7);
        Mask mask = random(9, 7, 1);
        Picture turned = new View(true, true, null, ColourJitter.NONE).apply(picture);
        Mask turnedMask = new View(true, true, null, ColourJitter.NONE).apply(mask);
        Mask flipped = new View(false, true, null, ColourJitter.NONE).apply(mask);
        for (int y = 0; y < 7; y++) {
            for (int x = 0; x < 9; x++) {
                assertEquals(picture.pixel(x, y), turned.pixel(8 - x, 6 - y));
                assertEquals(mask.get(x, y), turnedMask.get(8 - x, 6 - y));
                assertEquals(mask.get(x, y), flipped.get(x, 6 - y));
            }
        }
    }

    private static Mask random(int width, int height, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] pixels = new byte[width * height];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextInt(2);
        }
        return Mask.ofBytes(width, height, pixels);
    }

    /** A picture whose object is white: wherever a view takes it, the mask goes along. */
    @ParameterizedTest
    @EnumSource
    void masksGoWithTheirPictures(Augmentation augmentation) {
        int width = 90;
        int height = 60;
        byte[] rgb = new byte[3 * width * height];
        byte[] inside = new byte[width * height];
        for (int i = 0; i < inside.length; i++) {
            int x = i % width;
            int y = i / width;
            if (x > 15 && x < 40 && y > 12 && y < 30) {
                inside[i] = 1;
                rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = (byte) 250;
            }
        }
        Picture picture = Picture.of(rgb, width, height);
        Mask mask = Mask.ofBytes(width, height, inside);
        List<View> views = new ArrayList<>();
        for (int seed = 0; seed < 8; seed++) {
            View view = augmentation.draw(new SplittableRandom(seed));
            assertEquals(view, augmentation.draw(new SplittableRandom(seed)));
            views.add(view);
            Picture shown = view.apply(picture);
            byte[] light = new byte[inside.length];
            for (int i = 0; i < light.length; i++) {
                int red = shown.rgb()[3 * i] & 255;
                light[i] = (byte) (red > 150 ? 1 : 0);
            }
            double iou = Mask.ofBytes(width, height, light).iou(view.apply(mask));
            assertTrue(iou > 0.93, view + ": " + iou);
        }
        assertEquals(augmentation == Augmentation.NONE, views.stream().allMatch(View.PLAIN::equals));
        assertEquals(
                augmentation == Augmentation.NONE || augmentation == Augmentation.MIRROR,
                views.stream().allMatch(view -> view.mirrored() >= 0));
    }

    @Test
    void scalesLargeMasksInLittleMemory() {
        Mask square = MaskScaler.toSquare(Mask.full(12_000, 9_000), 64);
        assertEquals(64 * 64, square.area());
    }
}
