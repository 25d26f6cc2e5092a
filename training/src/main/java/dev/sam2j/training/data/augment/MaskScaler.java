package dev.sam2j.training.data.augment;

import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;
import dev.sam2j.predictors.mask.regions.Bits;
import java.util.Arrays;

/**
 * Scales masks to the model's square picture: a triangle filter as wide as the reduction, and a pixel belongs to the
 * object if more than half of it does.
 */
public final class MaskScaler {
    /** What rounding may add to a pixel of which exactly half belongs to the object. */
    private static final double ROUNDING = 1e-9;

    private MaskScaler() {}

    /** The mask on a square of side {@code size}. */
    public static Mask toSquare(Mask mask, int size) {
        if (mask.width() == size && mask.height() == size) {
            return mask;
        }
        PixelBox box = mask.boundingBox();
        if (box.isEmpty()) {
            return Mask.empty(size, size);
        }
        Taps across = new Taps(mask.width(), size, box.xMin(), box.xMax());
        Taps down = new Taps(mask.height(), size, box.yMin(), box.yMax());
        double[][] rows = new double[box.yMax() - box.yMin() + 1][];
        long[] from = mask.toBits();
        long[] to = new long[Bits.words(size * size)];
        double[] sums = new double[across.to - across.from];
        for (int y = down.from; y < down.to; y++) {
            int first = down.first[y - down.from] - box.yMin();
            double[] weights = down.weights[y - down.from];
            Arrays.fill(sums, 0);
            for (int row = Math.max(first, 0); row < Math.min(first + weights.length, rows.length); row++) {
                if (rows[row] == null) {
                    rows[row] = across(from, (box.yMin() + row) * mask.width(), across);
                }
                add(rows[row], weights[row - first], sums);
            }
            // The next output row begins no earlier.
            Arrays.fill(rows, 0, Math.max(0, Math.min(first, rows.length)), null);
            for (int x = 0; x < sums.length; x++) {
                if (sums[x] > 0.5 + ROUNDING) {
                    int i = y * size + across.from + x;
                    to[i >> 6] |= 1L << i;
                }
            }
        }
        return Mask.owning(size, size, to);
    }

    private static double[] across(long[] bits, int row, Taps taps) {
        double[] sums = new double[taps.to - taps.from];
        for (int x = 0; x < sums.length; x++) {
            int first = taps.first[x];
            double[] weights = taps.weights[x];
            for (int i = 0; i < weights.length; i++) {
                int pixel = row + first + i;
                if ((bits[pixel >> 6] >>> pixel & 1) != 0) {
                    sums[x] += weights[i];
                }
            }
        }
        return sums;
    }

    private static void add(double[] row, double weight, double[] sums) {
        for (int x = 0; x < sums.length; x++) {
            sums[x] += weight * row[x];
        }
    }

    /** The source pixels of each output along one axis, for the outputs that see any of a range of source pixels. */
    private static final class Taps {
        /** First output that sees the range. */
        final int from;
        /** After the last output that sees the range. */
        final int to;
        /** Of each output, its first source pixel. */
        final int[] first;

        final double[][] weights;

        Taps(int in, int out, int least, int most) {
            double scale = (double) in / out;
            double support = Math.max(scale, 1);
            from = (int) Math.max(0, Math.floor((least - support) / scale - 1));
            to = (int) Math.min(out, Math.ceil((most + 1 + support) / scale + 1));
            first = new int[to - from];
            weights = new double[to - from][];
            for (int i = from; i < to; i++) {
                double centre = (i + 0.5) * scale;
                int start = Math.max((int) (centre - support + 0.5), 0);
                int count = Math.min((int) (centre + support + 0.5), in) - start;
                first[i - from] = start;
                weights[i - from] = weights(centre - start - 0.5, support, count);
            }
        }

        private static double[] weights(double centre, double support, int count) {
            double[] weights = new double[count];
            double sum = 0;
            for (int j = 0; j < count; j++) {
                weights[j] = Math.max(0, 1 - Math.abs(j - centre) / support);
                sum += weights[j];
            }
            for (int j = 0; j < count; j++) {
                weights[j] /= sum;
            }
            return weights;
        }
    }
}
