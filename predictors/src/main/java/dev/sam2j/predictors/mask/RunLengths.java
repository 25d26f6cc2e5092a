package dev.sam2j.predictors.mask;

import dev.sam2j.predictors.mask.regions.Bits;
import java.util.Arrays;

/**
 * Lengths of the alternating runs of a mask's column-major pixels. Squares of 64 x 64 pixels are transposed, so that a
 * word holds a piece of a column; pixels that differ from the one before are then found a word at a time, in order.
 */
final class RunLengths {
    private static final int SIDE = 64;
    /** Changes that are written at once, whether there are as many or not: their number is hard to predict. */
    private static final int BATCH = 8;

    private final Mask mask;
    /** Column-major indices of the pixels that differ from the one before. */
    private int[] changes;

    private int size;
    /** 1 if the pixel before belongs to the mask. */
    private long before;

    RunLengths(Mask mask) {
        this.mask = mask;
    }

    /** The lengths, beginning with background. */
    int[] counts() {
        PixelBox box = mask.boundingBox();
        changes = new int[most(box)];
        if (!box.isEmpty()) {
            strips(box);
        }
        int[] counts = new int[size + 1];
        counts[size] = mask.width() * mask.height();
        System.arraycopy(changes, 0, counts, 0, size);
        for (int i = size; i > 0; i--) {
            counts[i] -= changes[i - 1];
        }
        return counts;
    }

    /** An upper bound of the number of changes, with room for a batch. */
    private int most(PixelBox box) {
        int width = mask.width();
        int first = Math.max(1, box.yMin()) * width;
        int end = Math.min(box.yMax() + 2, mask.height()) * width;
        int count = 2 * width + BATCH;
        for (int at = first; at < end; at += 64) {
            int n = Math.min(64, end - at);
            count += Long.bitCount(Bits.extract(mask.bits(), at, n) ^ Bits.extract(mask.bits(), at - width, n));
        }
        return count;
    }

    private void strips(PixelBox box) {
        int height = mask.height();
        int top = box.yMin() & -SIDE;
        int bottom = Math.min((box.yMax() | SIDE - 1) + 1, height);
        int blocks = Bits.words(bottom - top);
        long[] columns = new long[blocks * SIDE];
        int x = box.xMin() & -SIDE;
        for (; x <= box.xMax(); x += SIDE) {
            int width = Math.min(SIDE, mask.width() - x);
            for (int block = 0; block < blocks; block++) {
                square(x, width, top + block * SIDE, bottom, columns, block * SIDE);
            }
            for (int c = 0; c < width; c++) {
                column(columns, c, (x + c) * height, top, bottom);
            }
        }
        if (x < mask.width()) {
            endAt(x * height);
        }
    }

    /** Columns {@code x ... x + width - 1} of at most 64 rows as words. */
    private void square(int x, int width, int y, int bottom, long[] columns, int to) {
        int rows = Math.min(SIDE, bottom - y);
        for (int row = 0; row < rows; row++) {
            columns[to + row] = Bits.extract(mask.bits(), (y + row) * mask.width() + x, width);
        }
        Arrays.fill(columns, to + rows, to + SIDE, 0);
        Bits.transpose(columns, to);
    }

    /** A column, of which only the rows from {@code top} to {@code bottom} may have pixels. */
    private void column(long[] columns, int c, int at, int top, int bottom) {
        if (top > 0) {
            endAt(at);
        }
        for (int y = top, i = c; y < bottom; y += SIDE, i += SIDE) {
            int rows = Math.min(SIDE, bottom - y);
            long word = columns[i];
            add((word ^ (word << 1 | before)) & -1L >>> -rows, at + y);
            before = word >>> rows - 1;
        }
        if (bottom < mask.height()) {
            endAt(at + bottom);
        }
    }

    private void add(long different, int at) {
        int[] to = changes;
        int end = size + Long.bitCount(different);
        long rest = different;
        for (int i = size; i < end; i += BATCH) {
            for (int j = 0; j < BATCH; j++) {
                to[i + j] = at + Long.numberOfTrailingZeros(rest);
                rest &= rest - 1;
            }
        }
        size = end;
    }

    /** Ends a run of the mask that has reached {@code at}. */
    private void endAt(int at) {
        if (before != 0) {
            add(1, at);
            before = 0;
        }
    }
}
