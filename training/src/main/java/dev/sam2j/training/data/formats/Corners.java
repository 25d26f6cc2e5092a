package dev.sam2j.training.data.formats;

import dev.sam2j.predictors.mask.coco.PolygonFill;

/** Numbers out of files as corners of polygons. */
final class Corners {
    /** What is wrong where {@link #ofXy} gives nothing. */
    static final String EXPECTED = "expected [x, y, x, y, ...] of at least three corners, in pixels";

    /** Farthest coordinate that is taken for one. */
    private static final double FAR = 1e7;

    private Corners() {}

    /** A ring for {@link PolygonFill}, or null if the numbers are none. */
    static int[] ofXy(double[] xy) {
        if (xy == null || xy.length < 6 || xy.length % 2 != 0) {
            return null;
        }
        int[] ring = new int[xy.length];
        for (int i = 0; i < ring.length; i++) {
            if (!(Math.abs(xy[i]) <= FAR)) {
                return null;
            }
            ring[i] = PolygonFill.fifths(xy[i]);
        }
        return ring;
    }

    /** Whole numbers. */
    static int[] whole(double[] numbers) {
        int[] whole = new int[numbers.length];
        for (int i = 0; i < whole.length; i++) {
            whole[i] = whole(numbers[i]);
        }
        return whole;
    }

    /** A whole number. */
    static int whole(double number) {
        if (number != (int) number) {
            throw new IllegalArgumentException("expected a whole number, got " + number);
        }
        return (int) number;
    }
}
