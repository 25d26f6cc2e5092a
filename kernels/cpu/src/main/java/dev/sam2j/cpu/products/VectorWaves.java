package dev.sam2j.cpu.products;

import dev.sam2j.cpu.math.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums of waves for a panel of two vectors, see {@link GemmKernel#pairProducts} and {@link GemmKernel#mirror}. */
final class VectorWaves {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;
    private static final int WIDTH = 2 * L;

    private VectorWaves() {}

    static void pairProducts(float[] q, int qOffset, float[] w, int wOffset, int pairs, float[] to, int toOffset) {
        int imaginary = pairs * WIDTH;
        for (int pair = 0; pair < pairs; pair++) {
            FloatVector w0 = FloatVector.broadcast(F, w[wOffset + 2 * pair]);
            FloatVector w1 = FloatVector.broadcast(F, w[wOffset + 2 * pair + 1]);
            int from = qOffset + 2 * pair * WIDTH;
            FloatVector low0 = FloatVector.fromArray(F, q, from);
            FloatVector high0 = FloatVector.fromArray(F, q, from + L);
            FloatVector low1 = FloatVector.fromArray(F, q, from + WIDTH);
            FloatVector high1 = FloatVector.fromArray(F, q, from + WIDTH + L);
            int at = toOffset + pair * WIDTH;
            low0.fma(w0, low1.mul(w1)).intoArray(to, at);
            high0.fma(w0, high1.mul(w1)).intoArray(to, at + L);
            low1.mul(w0).sub(low0.mul(w1)).intoArray(to, at + imaginary);
            high1.mul(w0).sub(high0.mul(w1)).intoArray(to, at + imaginary + L);
        }
    }

    static void mirror(float[] even, float[] odd, int rows, float[] to, int toOffset, int step) {
        for (int n = 0; n < rows; n++) {
            int at = n * WIDTH;
            FloatVector evenLow = FloatVector.fromArray(F, even, at);
            FloatVector evenHigh = FloatVector.fromArray(F, even, at + L);
            FloatVector oddLow = FloatVector.fromArray(F, odd, at);
            FloatVector oddHigh = FloatVector.fromArray(F, odd, at + L);
            int up = toOffset + n * step;
            int down = toOffset - n * step;
            evenLow.add(oddLow).intoArray(to, up);
            evenHigh.add(oddHigh).intoArray(to, up + L);
            evenLow.sub(oddLow).intoArray(to, down);
            evenHigh.sub(oddHigh).intoArray(to, down + L);
        }
    }
}
