package dev.sam2j.tensor.reference;

import dev.sam2j.tensor.Interpolation;

/** Taps of the resampling filters along one axis. */
final class ReferenceResampling {
    private static final int FIXED_POINT_BITS = 22;

    private ReferenceResampling() {}

    /** Source positions of one output position and their weights. */
    record Taps(int[] source, double[] weight) {}

    static Taps[] taps(Interpolation filter, int in, int out) {
        Taps[] taps = new Taps[out];
        for (int i = 0; i < out; i++) {
            taps[i] = switch (filter) {
                case NEAREST -> new Taps(new int[] {(int) ((long) i * in / out)}, new double[] {1});
                case BILINEAR -> bilinear(in, out, i);
                case BILINEAR_ANTIALIAS -> antialiased(in, out, i, 1);
                case BICUBIC -> bicubic(in, out, i);
            };
        }
        return taps;
    }

    private static Taps bilinear(int in, int out, int i) {
        float scale = (float) in / out;
        float u = Math.max(Math.fma(scale, i + 0.5f, -0.5f), 0);
        int below = Math.min((int) u, in - 1);
        float t = u - below;
        return new Taps(new int[] {below, Math.min(below + 1, in - 1)}, new double[] {1.0 - t, t});
    }

    private static Taps bicubic(int in, int out, int i) {
        double u = (i + 0.5) * in / out - 0.5;
        int below = (int) Math.floor(u);
        int[] source = new int[4];
        double[] weight = new double[4];
        for (int j = 0; j < 4; j++) {
            int position = below - 1 + j;
            source[j] = Math.max(0, Math.min(position, in - 1));
            weight[j] = cubic(u - position, -0.75);
        }
        return new Taps(source, weight);
    }

    /** A triangle (radius 1) or cubic a = -0.5 (radius 2), widened by the reduction and normalised. */
    private static Taps antialiased(int in, int out, int i, int radius) {
        double scale = (double) in / out;
        double stretch = Math.max(scale, 1);
        double support = radius * stretch;
        double centre = (i + 0.5) * scale;
        int from = Math.max((int) (centre - support + 0.5), 0);
        int to = Math.min((int) (centre + support + 0.5), in);
        int[] source = new int[to - from];
        double[] weight = new double[to - from];
        double sum = 0;
        for (int j = 0; j < source.length; j++) {
            source[j] = from + j;
            double x = (from + j - centre + 0.5) / stretch;
            weight[j] = radius == 1 ? Math.max(0, 1 - Math.abs(x)) : cubic(x, -0.5);
            sum += weight[j];
        }
        for (int j = 0; j < weight.length; j++) {
            weight[j] /= sum;
        }
        return new Taps(source, weight);
    }

    /** Cubic convolution kernel with parameter {@code a}. */
    static double cubic(double distance, double a) {
        double x = Math.abs(distance);
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
    }

    /** The antialiased cubic filter on 8-bit pixels: horizontal pass, 8-bit rounding, vertical pass. */
    static int[] resize8Bit(byte[] rgb, int height, int width, int outHeight, int outWidth) {
        int[] pixels = new int[height * width * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = rgb[i] & 255;
        }
        if (outWidth != width) {
            pixels = pass8Bit(pixels, width, outWidth, 3, height);
        }
        return outHeight == height ? pixels : pass8Bit(pixels, height, outHeight, 3 * outWidth, 1);
    }

    /** Resamples axis 1 of (outer, in, inner). */
    private static int[] pass8Bit(int[] pixels, int in, int out, int inner, int outer) {
        int[] result = new int[outer * out * inner];
        for (int i = 0; i < out; i++) {
            Taps taps = antialiased(in, out, i, 2);
            for (int o = 0; o < outer; o++) {
                for (int c = 0; c < inner; c++) {
                    long sum = 1L << (FIXED_POINT_BITS - 1);
                    for (int j = 0; j < taps.source.length; j++) {
                        sum += fixedPoint(taps.weight[j]) * pixels[(o * in + taps.source[j]) * inner + c];
                    }
                    result[(o * out + i) * inner + c] = (int) Math.max(0, Math.min(255, sum >> FIXED_POINT_BITS));
                }
            }
        }
        return result;
    }

    /** Rounds to a multiple of 2^-22, halves away from zero. */
    private static long fixedPoint(double weight) {
        double scaled = weight * (1 << FIXED_POINT_BITS);
        return (long) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
}
