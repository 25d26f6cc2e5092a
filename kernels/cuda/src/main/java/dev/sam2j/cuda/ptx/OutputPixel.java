package dev.sam2j.cuda.ptx;

/**
 * The output of one thread of a kernel on pictures.
 *
 * @param batch register of the batch entry
 * @param y register of the row of pixels
 * @param x register of the column of pixels
 * @param row register of the pixel's index over all batch entries
 * @param channel register of the first channel
 */
public record OutputPixel(String batch, String y, String x, String row, String channel) {
    /** Threads of a block. */
    public static final int THREADS = 256;

    /** Finds the output of this thread, {@code vector} channels, a power of two; threads past the end stop. */
    public static OutputPixel of(PtxWriter w, String batch, String height, String width, String channels, int vector) {
        String index = w.globalThread();
        int shift = Integer.numberOfTrailingZeros(vector);
        String perPixel = vector == 1 ? channels : w.i("shr.u32", channels, shift);
        String rows = w.i("mul.lo.s32", w.i("mul.lo.s32", batch, height), width);
        w.exitFrom(index, w.i("mul.lo.s32", rows, perPixel));
        String row = w.i("div.u32", index, perPixel);
        String channel = w.i("sub.s32", index, w.i("mul.lo.s32", row, perPixel));
        String line = w.i("div.u32", row, width);
        String x = w.i("sub.s32", row, w.i("mul.lo.s32", line, width));
        String entry = w.i("div.u32", line, height);
        String y = w.i("sub.s32", line, w.i("mul.lo.s32", entry, height));
        return new OutputPixel(entry, y, x, row, vector == 1 ? channel : w.i("shl.b32", channel, shift));
    }

    /** Row of pixel (y, x) of a batch entry. */
    public static String rowOf(PtxWriter w, String batch, String height, String width, String y, String x) {
        return w.i("mad.lo.s32", w.i("mad.lo.s32", batch, height, y), width, x);
    }
}
