package dev.sam2j.cpu.products;

import dev.sam2j.cpu.math.Lanes;
import dev.sam2j.cpu.math.Pointwise;
import dev.sam2j.cpu.math.ScalarMath;
import dev.sam2j.cpu.math.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link GemmKernel} on the Vector API. */
public final class VectorGemm implements GemmKernel {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;
    // AVX2 has 16 vector registers; AVX-512 and NEON have 32.
    private static final int TILE_ROWS = L == 8 ? VectorTile6.ROWS : VectorTile12.ROWS;

    @Override
    public int tileRows() {
        return TILE_ROWS;
    }

    @Override
    public int panelWidth() {
        return 2 * L;
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
        VectorWaves.pairProducts(q, qOffset, w, wOffset, pairs, to, toOffset);
    }

    @Override
    public void mirror(float[] even, float[] odd, int rows, float[] to, int toOffset, int step) {
        VectorWaves.mirror(even, odd, rows, to, toOffset, step);
    }

    @Override
    public void finish(
            float[] c, int cOffset, GemmEpilogue e, int column, int residualOffset, float[] y, int yOffset, int n) {
        // Each step is a pass over a piece that lies in the first-level cache; the last one writes to y.
        boolean toY = e.scale() == null && e.residual() == null;
        float[] target = toY ? y : c;
        int to = toY ? yOffset : cOffset;
        Pointwise function = e.function();
        if (e.bias() != null) {
            boolean last = function == Pointwise.NONE;
            add(c, cOffset, e.bias(), e.biasOffset() + column, last ? target : c, last ? to : cOffset, n);
        } else if (toY && function == Pointwise.NONE) {
            System.arraycopy(c, cOffset, y, yOffset, n);
        }
        switch (function) {
            case RELU:
                relu(c, cOffset, target, to, n);
                break;
            case GELU:
                gelu(c, cOffset, target, to, n);
                break;
            case SIGMOID:
                sigmoid(c, cOffset, target, to, n);
                break;
            default:
        }
        if (e.scale() != null) {
            boolean last = e.residual() == null;
            multiply(c, cOffset, e.scale(), e.scaleOffset() + column, last ? y : c, last ? yOffset : cOffset, n);
        }
        if (e.residual() != null) {
            add(c, cOffset, e.residual(), residualOffset, y, yOffset, n);
        }
    }

    @Override
    public void add(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j <= n - L; j += L) {
            FloatVector.fromArray(F, a, aOffset + j)
                    .add(FloatVector.fromArray(F, b, bOffset + j))
                    .intoArray(y, yOffset + j);
        }
        for (; j < n; j++) {
            y[yOffset + j] = a[aOffset + j] + b[bOffset + j];
        }
    }

    private static void multiply(float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j <= n - L; j += L) {
            FloatVector.fromArray(F, a, aOffset + j)
                    .mul(FloatVector.fromArray(F, b, bOffset + j))
                    .intoArray(y, yOffset + j);
        }
        for (; j < n; j++) {
            y[yOffset + j] = a[aOffset + j] * b[bOffset + j];
        }
    }

    private static void relu(float[] a, int aOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j <= n - L; j += L) {
            FloatVector.fromArray(F, a, aOffset + j).max(0f).intoArray(y, yOffset + j);
        }
        for (; j < n; j++) {
            y[yOffset + j] = Math.max(a[aOffset + j], 0);
        }
    }

    private static void gelu(float[] a, int aOffset, float[] y, int yOffset, int n) {
        int whole = n - n % L;
        VectorMath.gelu(a, aOffset, y, yOffset, whole);
        for (int j = whole; j < n; j++) {
            y[yOffset + j] = ScalarMath.gelu(a[aOffset + j]);
        }
    }

    private static void sigmoid(float[] a, int aOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j <= n - L; j += L) {
            VectorMath.sigmoid(FloatVector.fromArray(F, a, aOffset + j)).intoArray(y, yOffset + j);
        }
        for (; j < n; j++) {
            y[yOffset + j] = ScalarMath.sigmoid(a[aOffset + j]);
        }
    }
}
