package dev.sam2j.cpu.pictures;

import java.util.Arrays;

/**
 * Source positions and weights of a resampling filter along one axis; {@code width} per output, unused ones have
 * weight 0.
 */
final class ResampleTaps {
    final int width;
    final int[] source;
    final float[] weight;
    /** Number of taps in use per output. */
    final int[] count;

    private ResampleTaps(int out, int width) {
        this.width = width;
        this.source = new int[out * width];
        this.weight = new float[out * width];
        this.count = new int[out];
        Arrays.fill(count, width);
    }

    /** {@code floor(i * in / out)}. */
    static ResampleTaps nearest(int in, int out) {
        ResampleTaps taps = new ResampleTaps(out, 1);
        for (int i = 0; i < out; i++) {
            taps.source[i] = (int) ((long) i * in / out);
            taps.weight[i] = 1;
        }
        return taps;
    }

    /** Two taps at {@code max(fma(in / out, i + 0.5, -0.5), 0)} in float32. */
    static ResampleTaps bilinear(int in, int out) {
        ResampleTaps taps = new ResampleTaps(out, 2);
        float scale = (float) in / out;
        for (int i = 0; i < out; i++) {
            float u = Math.max(Math.fma(scale, i + 0.5f, -0.5f), 0);
            int below = Math.min((int) u, in - 1);
            taps.source[2 * i] = below;
            taps.source[2 * i + 1] = Math.min(below + 1, in - 1);
            taps.weight[2 * i + 1] = u - below;
            taps.weight[2 * i] = 1 - taps.weight[2 * i + 1];
        }
        return taps;
    }

    /** Four taps of the cubic convolution with a = -0.75, clamped to the border. */
    static ResampleTaps bicubic(int in, int out) {
        ResampleTaps taps = new ResampleTaps(out, 4);
        for (int i = 0; i < out; i++) {
            double u = (i + 0.5) * in / out - 0.5;
            int first = (int) Math.floor(u) - 1;
            for (int j = 0; j < 4; j++) {
                taps.source[4 * i + j] = Math.max(0, Math.min(first + j, in - 1));
                taps.weight[4 * i + j] = (float) cubic(u - (first + j), -0.75);
            }
        }
        return taps;
    }

    /** A triangle as wide as the reduction, normalised. */
    static ResampleTaps triangle(int in, int out) {
        return antialiased(in, out, 1, 1);
    }

    /** A cubic a = -0.5 as wide as the reduction; weights are multiples of 2^-22, returned times 2^22. */
    static ResampleTaps fixedPointCubic(int in, int out) {
        return antialiased(in, out, 2, 1 << 22);
    }

    private static ResampleTaps antialiased(int in, int out, int radius, int unit) {
        double scale = (double) in / out;
        double stretch = Math.max(scale, 1);
        double support = radius * stretch;
        ResampleTaps taps = new ResampleTaps(out, (int) Math.ceil(2 * support) + 1);
        double[] weights = new double[taps.width];
        for (int i = 0; i < out; i++) {
            double centre = (i + 0.5) * scale;
            int from = Math.max((int) (centre - support + 0.5), 0);
            int n = Math.min((int) (centre + support + 0.5), in) - from;
            double sum = 0;
            for (int j = 0; j < n; j++) {
                double x = (from + j - centre + 0.5) / stretch;
                weights[j] = radius == 1 ? Math.max(0, 1 - Math.abs(x)) : cubic(x, -0.5);
                sum += weights[j];
            }
            taps.count[i] = n;
            for (int j = 0; j < n; j++) {
                taps.source[i * taps.width + j] = from + j;
                double w = weights[j] / sum;
                // Half away from zero: Math.round would take a negative half towards zero.
                taps.weight[i * taps.width + j] =
                        unit == 1 ? (float) w : (float) (int) (w * unit + (w < 0 ? -0.5 : 0.5));
            }
        }
        return taps;
    }

    private static double cubic(double distance, double a) {
        double x = Math.abs(distance);
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
    }
}
