package dev.sam2j.cuda.pictures;

/**
 * Tables for {@link ResizeKernels#resample8Bit}: the antialiased cubic filter (a = -0.5) that Pillow applies to 8-bit
 * pictures.
 *
 * @param first first source index of each output
 * @param count number of taps of each output
 * @param weights (outputs, taps), rounded to multiples of 2^-22 and scaled by 2^22
 * @param taps row length of the weights
 */
public record Bicubic8BitWeights(int[] first, int[] count, int[] weights, int taps) {
    private static final double A = -0.5;
    private static final int SCALE = 1 << 22;

    /** The tables for an axis of {@code input} samples that becomes {@code output} samples. */
    public static Bicubic8BitWeights of(int input, int output) {
        double scale = (double) input / output;
        double filterScale = Math.max(scale, 1);
        double support = 2 * filterScale;
        int taps = (int) Math.ceil(support) * 2 + 1;
        int[] first = new int[output];
        int[] count = new int[output];
        int[] weights = new int[output * taps];
        for (int i = 0; i < output; i++) {
            double centre = (i + 0.5) * scale;
            first[i] = Math.max((int) (centre - support + 0.5), 0);
            count[i] = Math.min((int) (centre + support + 0.5), input) - first[i];
            double[] exact = new double[count[i]];
            double total = 0;
            for (int j = 0; j < count[i]; j++) {
                exact[j] = cubic((j + first[i] - centre + 0.5) / filterScale);
                total += exact[j];
            }
            for (int j = 0; j < count[i]; j++) {
                double weight = exact[j] / total * SCALE;
                weights[i * taps + j] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
            }
        }
        return new Bicubic8BitWeights(first, count, weights, taps);
    }

    private static double cubic(double distance) {
        double x = Math.abs(distance);
        if (x < 1) {
            return ((A + 2) * x - (A + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }
}
