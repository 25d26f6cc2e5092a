package dev.sam2j.predictors.mask.pixels;

import java.awt.Color;

/** Colours that stay apart, also for colour-blind eyes; colour i is always the same. */
public final class Palette {
    /** Okabe and Ito, Color Universal Design (2008), without black. */
    private static final int[] OKABE_ITO = {0x56B4E9, 0xE69F00, 0x009E73, 0xF0E442, 0xCC79A7, 0xD55E00, 0x0072B2};

    private static final double GOLDEN_RATIO = 0.6180339887498949;

    private Palette() {}

    /**
     * Colour {@code i} as {@code 0xRRGGBB}: the seven of Okabe and Ito, then hues a golden section apart in three
     * brightnesses.
     */
    public static int colour(int i) {
        if (i < 0) {
            throw new IllegalArgumentException("palette: colours are numbered from 0, got " + i);
        }
        if (i < OKABE_ITO.length) {
            return OKABE_ITO[i];
        }
        double hue = i * GOLDEN_RATIO % 1;
        float brightness = 0.55f + i % 3 * 0.15f;
        return Color.HSBtoRGB((float) hue, 0.9f, brightness) & 0xFFFFFF;
    }
}
