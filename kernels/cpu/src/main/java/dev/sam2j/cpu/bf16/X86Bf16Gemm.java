package dev.sam2j.cpu.bf16;

/** {@link Bf16Gemm} by machine code ({@link X86Bf16}). */
public final class X86Bf16Gemm extends Bf16Gemm {
    @Override
    public void toWords(float[] x, int xOffset, int n, float factor, float[] words, int offset) {
        Bf16Vectors.toWords(x, xOffset, n, factor, words, offset);
    }

    @Override
    public void tiles(
            int rows,
            float[] a,
            int aOffset,
            float[] data,
            int panel,
            int panelStride,
            int panels,
            int depth,
            float[] from,
            int fromOffset,
            int fromStride,
            int fromStep,
            float[] c,
            int cOffset,
            int cStride) {
        int last = panels - 1;
        X86Bf16.checkCounts(depth, panels);
        X86Bf16.check(a, aOffset, (tileRows() - 1) * ROW_STRIDE + depth);
        X86Bf16.check(data, panel, last * panelStride + depth * panelWidth());
        X86Bf16.check(from, fromOffset, (tileRows() - 1) * fromStride + last * fromStep + panelWidth());
        X86Bf16.check(c, cOffset, (tileRows() - 1) * cStride + panels * panelWidth());
        long d = depth;
        long n = panels;
        long panelBytes = (long) panelStride * Float.BYTES;
        long rowBytes = (long) fromStride * Float.BYTES;
        long stepBytes = (long) fromStep * Float.BYTES;
        long cBytes = (long) cStride * Float.BYTES;
        try {
            X86Bf16.Linked.TILES.invokeExact(
                    a,
                    aOffset,
                    data,
                    panel,
                    from,
                    fromOffset,
                    c,
                    cOffset,
                    d,
                    n,
                    panelBytes,
                    rowBytes,
                    stepBytes,
                    cBytes);
        } catch (Throwable e) {
            throw X86Bf16.unexpected(e);
        }
    }
}
