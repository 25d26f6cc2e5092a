package dev.sam2j.predictors.image.vp8;

import java.util.Arrays;

/** The coefficients of a row of VP8 macroblocks after another, and their inverse transforms (RFC 6386, 13 and 14). */
final class Vp8Coefficients {
    /** Types of blocks: Y whose first coefficient is in Y2, Y2, U and V, Y with all of its coefficients. */
    private static final int Y_AFTER_Y2 = 0;

    private static final int Y2 = 1;
    private static final int CHROMA = 2;
    private static final int Y_WHOLE = 3;
    private static final int[] BAND = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};
    private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
    private static final int[][] LARGE = {
        {173, 148, 140},
        {176, 155, 140, 135},
        {180, 157, 141, 134, 130},
        {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
    };

    private static final int[] NOTHING = new int[16];

    private final int[] probabilities;
    /** Whether blocks above had coefficients: 4 of Y, 2 of U, 2 of V, 1 of Y2 for each macroblock. */
    private final int[] above;

    private final int[] left = new int[9];
    /** 16 blocks of Y, 4 of U, 4 of V, each of 16 coefficients in rows. */
    final int[] blocks = new int[24 * 16];

    private final int[] second = new int[16];

    Vp8Coefficients(int[] probabilities, int macroblocks) {
        this.probabilities = probabilities;
        this.above = new int[9 * macroblocks];
    }

    void beginRow() {
        Arrays.fill(left, 0);
    }

    /** Notes a macroblock without coefficients. */
    void skip(int x, boolean split) {
        int kept = split ? 1 : 0;
        Arrays.fill(left, 0, 9 - kept, 0);
        Arrays.fill(above, 9 * x, 9 * x + 9 - kept, 0);
        Arrays.fill(blocks, 0);
    }

    /** Reads the coefficients of a macroblock; false if all are 0. */
    boolean read(Vp8Bits in, int x, boolean split, int[] steps) {
        Arrays.fill(blocks, 0);
        int top = 9 * x;
        int type = Y_WHOLE;
        if (!split) {
            Arrays.fill(second, 0);
            int end = block(in, Y2, above[top + 8] + left[8], 0, second, 0, steps[2], steps[3]);
            left[8] = end > 0 ? 1 : 0;
            above[top + 8] = left[8];
            inverseHadamard();
            type = Y_AFTER_Y2;
        }
        int first = split ? 0 : 1;
        for (int b = 0; b < 16; b++) {
            read(in, type, top + b % 4, b / 4, first, 16 * b, steps[0], steps[1]);
        }
        for (int b = 0; b < 8; b++) {
            int plane = 4 + b / 4 * 2;
            read(in, CHROMA, top + plane + b % 2, plane + b % 4 / 2, 0, 256 + 16 * b, steps[4], steps[5]);
        }
        for (int value : blocks) {
            if (value != 0) {
                return true;
            }
        }
        return false;
    }

    private void read(Vp8Bits in, int type, int top, int side, int first, int out, int dc, int ac) {
        int end = block(in, type, above[top] + left[side], first, blocks, out, dc, ac);
        left[side] = end > first ? 1 : 0;
        above[top] = left[side];
    }

    /** Reads a block; returns where its coefficients end. */
    private int block(Vp8Bits in, int type, int context, int first, int[] out, int at, int dc, int ac) {
        int n = first;
        int p = node(type, n, context);
        while (n < 16) {
            if (in.bit(probabilities[p]) == 0) {
                return n;
            }
            while (in.bit(probabilities[p + 1]) == 0) {
                if (++n == 16) {
                    return 16;
                }
                p = node(type, n, 0);
            }
            int value = in.bit(probabilities[p + 2]) == 0 ? 1 : more(in, p);
            int signed = in.bit(128) == 0 ? value : -value;
            out[at + ZIGZAG[n]] = signed * (n == 0 ? dc : ac);
            p = node(type, ++n, Math.min(value, 2));
        }
        return 16;
    }

    private static int node(int type, int n, int context) {
        return ((type * 8 + BAND[n]) * 3 + context) * 11;
    }

    private int more(Vp8Bits in, int p) {
        if (in.bit(probabilities[p + 3]) == 0) {
            return in.bit(probabilities[p + 4]) == 0 ? 2 : 3 + in.bit(probabilities[p + 5]);
        }
        if (in.bit(probabilities[p + 6]) == 0) {
            if (in.bit(probabilities[p + 7]) == 0) {
                return 5 + in.bit(159);
            }
            int high = in.bit(165);
            return 7 + 2 * high + in.bit(145);
        }
        int high = in.bit(probabilities[p + 8]);
        int category = 2 * high + in.bit(probabilities[p + 9 + high]);
        int value = 0;
        for (int probability : LARGE[category]) {
            value = 2 * value + in.bit(probability);
        }
        return value + 3 + (8 << category);
    }

    /** Turns Y2 into the first coefficients of the blocks of Y. */
    private void inverseHadamard() {
        int[] half = new int[16];
        for (int i = 0; i < 4; i++) {
            int a = second[i] + second[12 + i];
            int b = second[4 + i] + second[8 + i];
            int c = second[4 + i] - second[8 + i];
            int d = second[i] - second[12 + i];
            half[i] = a + b;
            half[4 + i] = d + c;
            half[8 + i] = a - b;
            half[12 + i] = d - c;
        }
        for (int i = 0; i < 4; i++) {
            int a = half[4 * i] + half[4 * i + 3] + 3;
            int b = half[4 * i + 1] + half[4 * i + 2];
            int c = half[4 * i + 1] - half[4 * i + 2];
            int d = half[4 * i] - half[4 * i + 3] + 3;
            blocks[64 * i] = a + b >> 3;
            blocks[64 * i + 16] = d + c >> 3;
            blocks[64 * i + 32] = a - b >> 3;
            blocks[64 * i + 48] = d - c >> 3;
        }
    }

    /** Adds the inverse cosine transform of block {@code b} to 4x4 predicted pixels. */
    void addTo(byte[] plane, int at, int stride, int b) {
        int from = 16 * b;
        if (Arrays.equals(blocks, from, from + 16, NOTHING, 0, 16)) {
            return;
        }
        int[] half = new int[16];
        for (int i = 0; i < 4; i++) {
            int even = blocks[from + i];
            int odd = blocks[from + 8 + i];
            int c = low(blocks[from + 4 + i]) - high(blocks[from + 12 + i]);
            int d = high(blocks[from + 4 + i]) + low(blocks[from + 12 + i]);
            half[4 * i] = even + odd + d;
            half[4 * i + 1] = even - odd + c;
            half[4 * i + 2] = even - odd - c;
            half[4 * i + 3] = even + odd - d;
        }
        for (int y = 0; y < 4; y++) {
            int even = half[y] + 4;
            int odd = half[8 + y];
            int c = low(half[4 + y]) - high(half[12 + y]);
            int d = high(half[4 + y]) + low(half[12 + y]);
            int row = at + y * stride;
            plane[row] = Vp8Frame.clip((plane[row] & 255) + (even + odd + d >> 3));
            plane[row + 1] = Vp8Frame.clip((plane[row + 1] & 255) + (even - odd + c >> 3));
            plane[row + 2] = Vp8Frame.clip((plane[row + 2] & 255) + (even - odd - c >> 3));
            plane[row + 3] = Vp8Frame.clip((plane[row + 3] & 255) + (even + odd - d >> 3));
        }
    }

    /** Times the square root of 2 and the cosine of 22.5 degrees. */
    private static int high(int value) {
        return value + (value * 20091 >> 16);
    }

    /** Times the square root of 2 and the sine of 22.5 degrees. */
    private static int low(int value) {
        return value * 35468 >> 16;
    }
}
