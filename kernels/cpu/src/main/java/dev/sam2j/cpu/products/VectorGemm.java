package dev.sam2j.cpu.products;

import dev.sam2j.cpu.math.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link GemmKernel} on the Vector API. */
public final class VectorGemm extends GemmKernel {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;
    private static final int WIDTH = 2 * L;
    // AVX2 has 16 vector registers; AVX-512 and NEON have 32.
    private static final int TILE_ROWS = L == 8 ? VectorTile6.ROWS : VectorTile12.ROWS;

    @Override
    public int tileRows() {
        return TILE_ROWS;
    }

    @Override
    public int panelWidth() {
        return WIDTH;
    }

    @Override
    public void tile(
            int rows,
            float[] a,
            int aOffset,
            float[] panel,
            int panelOffset,
            int depth,
            float[] from,
            int f,
            int fromStride,
            float[] c,
            int cOffset,
            int cStride) {
        if (rows > VectorTile6.ROWS) {
            VectorTile12.run(a, aOffset, panel, panelOffset, depth, from, f, fromStride, c, cOffset, cStride);
        } else if (rows > VectorTile4.ROWS) {
            VectorTile6.run(a, aOffset, panel, panelOffset, depth, from, f, fromStride, c, cOffset, cStride);
        } else {
            VectorTile4.run(a, aOffset, panel, panelOffset, depth, from, f, fromStride, c, cOffset, cStride);
        }
    }

    @Override
    public int columnTileRows() {
        return L == 8 ? FEW_COLUMNS : VectorColumnTile.ROWS;
    }

    @Override
    public void columnTile(
            int rows,
            float[] a,
            int aOffset,
            int aStride,
            float[] panel,
            int panelOffset,
            int depth,
            float[] from,
            int fromOffset,
            float[] c,
            int cOffset) {
        if (rows == FEW_COLUMNS) {
            VectorColumnTile.four(a, aOffset, aStride, panel, panelOffset, depth, from, fromOffset, c, cOffset);
        } else {
            VectorColumnTile.eight(a, aOffset, aStride, panel, panelOffset, depth, from, fromOffset, c, cOffset);
        }
    }

    @Override
    public int sumTileRows() {
        return L == 8 ? FEW_SUM_ROWS : VectorSumTile.ROWS;
    }

    @Override
    public void sumTile(
            int rows,
            float[] a,
            int aOffset,
            float[] x,
            int xOffset,
            float[] y,
            int yOffset,
            int depth,
            float[] c,
            int cOffset,
            int cStride) {
        if (rows > FEW_SUM_ROWS) {
            VectorSumTile.seven(a, aOffset, x, xOffset, y, yOffset, depth, c, cOffset, cStride);
        } else {
            VectorSumTile.four(a, aOffset, x, xOffset, y, yOffset, depth, c, cOffset, cStride);
        }
    }

    @Override
    public void pairProducts(float[] q, int qOffset, float[] w, int wOffset, int pairs, float[] to, int toOffset) {
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

    @Override
    public void mirror(float[] even, float[] odd, int rows, float[] to, int toOffset, int step) {
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
