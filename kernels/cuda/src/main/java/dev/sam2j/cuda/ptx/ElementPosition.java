package dev.sam2j.cuda.ptx;

/**
 * The elements of one thread of a kernel that maps each element of a (rows, columns) matrix. Widths 4 and 8 need
 * columns, strides and addresses that are multiples of as many elements; the grid is over {@code rows * columns /
 * width} items.
 *
 * @param row register of the row
 * @param column register of the first column
 * @param width number of adjacent columns
 */
public record ElementPosition(String row, String column, int width) {
    /** Threads of a block. */
    public static final int THREADS = 256;

    /** {@link #of} after the parameters rows and columns, which it declares. */
    public static ElementPosition parameters(PtxWriter w, int width) {
        return of(w, w.integer("rows"), w.integer("columns"), width);
    }

    /** Finds the elements of this thread; threads past the end stop. */
    public static ElementPosition of(PtxWriter w, String rows, String columns, int width) {
        String index = w.globalThread();
        String perRow = width == 1 ? columns : w.i("shr.u32", columns, width / 4 + 1);
        w.exitFrom(index, w.i("mul.lo.s32", rows, perRow));
        String row = w.i("div.u32", index, perRow);
        String column = w.i("sub.s32", index, w.i("mul.lo.s32", row, perRow));
        return new ElementPosition(row, width == 1 ? column : w.i("shl.b32", column, width / 4 + 1), width);
    }
}
