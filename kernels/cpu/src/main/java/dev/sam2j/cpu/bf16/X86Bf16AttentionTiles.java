package dev.sam2j.cpu.bf16;

import dev.sam2j.cpu.attention.Attention;
import dev.sam2j.cpu.attention.AttentionTiles;
import dev.sam2j.cpu.products.Gemm;

/** {@link Bf16AttentionTiles} by machine code ({@link X86Bf16}). */
public final class X86Bf16AttentionTiles extends Bf16AttentionTiles {
    /** Tiles that leave to {@code floats} what is not rounded. */
    public X86Bf16AttentionTiles(AttentionTiles floats) {
        super(floats);
    }

    @Override
    void pairRows(float[] x, int offset, int rows, int stride, int columns) {
        Bf16Vectors.pairRows(x, offset, rows, stride, columns);
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
        int tiles = (queries + rows() - 1) / rows();
        int rows = tiles * rows();
        int depth = (keys + 1) / 2;
        X86Bf16.checkCounts(depth, tiles);
        X86Bf16.check(p, 0, (depth - 1) * Attention.STRIDE + rows);
        X86Bf16.check(v, vOffset, depth * vectors * lanes());
        X86Bf16.check(c, cOffset, (rows - 1) * cStride + vectors * lanes());
        float[] from = accumulate ? c : Gemm.ZEROS;
        int start = accumulate ? cOffset : 0;
        long cBytes = (long) cStride * Float.BYTES;
        long rowBytes = accumulate ? cBytes : 0;
        long d = depth;
        long n = tiles;
        try {
            if (vectors == 2) {
                X86Bf16.Linked.COLUMNS_2.invokeExact(
                        p, 0, v, vOffset, from, start, c, cOffset, d, n, 0L, rowBytes, 0L, cBytes);
            } else {
                X86Bf16.Linked.COLUMNS_1.invokeExact(
                        p, 0, v, vOffset, from, start, c, cOffset, d, n, 0L, rowBytes, 0L, cBytes);
            }
        } catch (Throwable e) {
            throw X86Bf16.unexpected(e);
        }
    }
}
