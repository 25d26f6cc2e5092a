package dev.sam2j.cpu.attention;

import dev.sam2j.cpu.math.Exp2;
import dev.sam2j.cpu.math.Lanes;
import dev.sam2j.cpu.products.Gemm;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link AttentionTiles} on the Vector API. */
public final class VectorAttentionTiles extends AttentionTiles {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;
    private static final int STRIDE = Attention.STRIDE;
    /** 512-bit machines have 32 vector registers, others are taken to have 16. */
    private static final boolean WIDE = L == 16;

    @Override
    public int lanes() {
        return L;
    }

    @Override
    public int rows() {
        return WIDE ? AttentionTile12.ROWS : AttentionTile6.ROWS;
    }

    @Override
    public void soften(float[] s, int keys, int columns, float[] maxima, float[] sums) {
        int rows = Gemm.roundUp(keys, AttentionSoftmax.STEP);
        for (int k = keys; k < rows; k++) {
            Arrays.fill(s, k * STRIDE, k * STRIDE + columns, Exp2.ABSENT);
        }
        for (int c = 0; c < columns; c += L) {
            AttentionSoftmax.max(s, c, rows, maxima);
            AttentionSoftmax.powers(s, c, rows, maxima, sums);
        }
    }

    @Override
    public void multiply(
            float[] p,
            int queries,
            float[] v,
            int vOffset,
            int keys,
            int vectors,
            boolean accumulate,
            float[] c,
            int cOffset,
            int cStride) {
        for (int i = 0; i < queries; i += rows()) {
            tile(p, i, v, vOffset, keys, vectors, accumulate, c, cOffset + i * cStride, cStride);
        }
    }

    private static void tile(
            float[] p,
            int pOffset,
            float[] v,
            int vOffset,
            int depth,
            int vectors,
            boolean accumulate,
            float[] c,
            int cOffset,
            int cStride) {
        float[] from = accumulate ? c : Gemm.ZEROS;
        int f = accumulate ? cOffset : 0;
        int fromStride = accumulate ? cStride : 0;
        if (WIDE) {
            if (vectors == 2) {
                AttentionTile12.two(p, pOffset, v, vOffset, depth, from, f, fromStride, c, cOffset, cStride);
            } else {
                AttentionTile12.one(p, pOffset, v, vOffset, depth, from, f, fromStride, c, cOffset, cStride);
            }
        } else if (vectors == 2) {
            AttentionTile6.two(p, pOffset, v, vOffset, depth, from, f, fromStride, c, cOffset, cStride);
        } else {
            AttentionTile6.one(p, pOffset, v, vOffset, depth, from, f, fromStride, c, cOffset, cStride);
        }
    }

    @Override
    public void scale(float factor, float[] x, int xOffset, float[] out, int outOffset, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector.fromArray(F, x, xOffset + i).mul(factor).intoArray(out, outOffset + i);
        }
        for (; i < n; i++) {
            out[outOffset + i] = factor * x[xOffset + i];
        }
    }
}
