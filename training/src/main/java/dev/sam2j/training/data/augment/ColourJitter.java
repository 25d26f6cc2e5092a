package dev.sam2j.training.data.augment;

import dev.sam2j.predictors.image.Picture;
import java.util.List;

/**
 * Changes of brightness, contrast and saturation, one after the other, with the 8-bit arithmetic of Pillow's
 * {@code ImageEnhance}: each is a step from a picture without it towards the picture and beyond.
 *
 * @param steps in order
 */
public record ColourJitter(List<Step> steps) {
    /** No change. */
    public static final ColourJitter NONE = new ColourJitter(List.of());

    /** What is changed. */
    public enum Kind {
        /** Away from black. */
        BRIGHTNESS,
        /** Away from the mean grey. */
        CONTRAST,
        /** Away from each pixel's own grey. */
        SATURATION
    }

    /**
     * One change.
     *
     * @param kind of what
     * @param factor 1 changes nothing, 0 takes it away
     */
    public record Step(Kind kind, double factor) {}

    /** Makes the list immutable. */
    public ColourJitter {
        steps = List.copyOf(steps);
    }

    /** The changed picture. */
    public Picture apply(Picture picture) {
        if (steps.isEmpty()) {
            return picture;
        }
        byte[] rgb = picture.rgb().clone();
        for (Step step : steps) {
            float factor = (float) step.factor();
            switch (step.kind()) {
                case BRIGHTNESS -> awayFrom(rgb, 0, factor);
                case CONTRAST -> awayFrom(rgb, meanGrey(rgb), factor);
                case SATURATION -> saturate(rgb, factor);
            }
        }
        return Picture.owning(rgb, picture.width(), picture.height());
    }

    private static void awayFrom(byte[] rgb, int level, float factor) {
        byte[] changed = new byte[256];
        for (int i = 0; i < 256; i++) {
            changed[i] = blend(level, i, factor);
        }
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = changed[rgb[i] & 255];
        }
    }

    private static void saturate(byte[] rgb, float factor) {
        for (int i = 0; i < rgb.length; i += 3) {
            int grey = grey(rgb, i);
            for (int c = i; c < i + 3; c++) {
                rgb[c] = blend(grey, rgb[c] & 255, factor);
            }
        }
    }

    private static int meanGrey(byte[] rgb) {
        long sum = 0;
        for (int i = 0; i < rgb.length; i += 3) {
            sum += grey(rgb, i);
        }
        return (int) (sum / (rgb.length / 3.0) + 0.5);
    }

    /** ITU-R 601-2 luma with 16 fractional bits. */
    private static int grey(byte[] rgb, int i) {
        return 19595 * (rgb[i] & 255) + 38470 * (rgb[i + 1] & 255) + 7471 * (rgb[i + 2] & 255) + 0x8000 >> 16;
    }

    private static byte blend(int from, int value, float factor) {
        return (byte) Math.max(0, Math.min(255, (int) (from + factor * (value - from))));
    }
}
