package dev.sam2j.cpu.products;

import dev.sam2j.cpu.math.Lanes;

/** {@link GemmKernel} on the Vector API. */
public final class VectorGemm extends GemmKernel {
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
}
