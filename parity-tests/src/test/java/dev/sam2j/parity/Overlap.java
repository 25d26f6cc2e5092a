package dev.sam2j.parity;

import dev.sam2j.predictors.mask.Mask;

/**
 * Overlap of masks, where pixels whose logit is 0 to within its error count for neither side: on small masks one such
 * pixel would exceed the bound.
 */
final class Overlap {
    private Overlap() {}

    /**
     * Intersection over union.
     *
     * @param logits of the first mask, from {@code offset} on
     * @param undecided part of the logits' root mean square up to which a logit may have either sign
     */
    static double iou(Mask actual, Mask expected, float[] logits, int offset, double undecided) {
        int width = actual.width();
        int pixels = width * actual.height();
        double limit = undecided * rootMeanSquare(logits, offset, pixels);
        int both = 0;
        int either = 0;
        for (int i = 0; i < pixels; i++) {
            boolean a = actual.get(i % width, i / width);
            boolean b = expected.get(i % width, i / width);
            if (a != b && Math.abs(logits[offset + i]) <= limit) {
                continue;
            }
            both += a && b ? 1 : 0;
            either += a || b ? 1 : 0;
        }
        return either == 0 ? 1 : (double) both / either;
    }

    static double rootMeanSquare(float[] values, int offset, int count) {
        double squares = 0;
        for (int i = 0; i < count; i++) {
            squares += (double) values[offset + i] * values[offset + i];
        }
        return Math.sqrt(squares / count);
    }
}
