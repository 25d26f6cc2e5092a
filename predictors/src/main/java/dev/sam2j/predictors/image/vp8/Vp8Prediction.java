package dev.sam2j.predictors.image.vp8;

import java.util.Arrays;

/**
 * Prediction of VP8 pixels from those above and to the left (RFC 6386, section 12). A plane has a row of 127 above it,
 * a column of 129 to its left, and room to the right for the pixels above and to the right of its last block.
 */
final class Vp8Prediction {
    static final int DC = 0;
    static final int VERTICAL = 1;
    static final int HORIZONTAL = 2;
    static final int TRUE_MOTION = 3;
    /** Every 4x4 block has a mode of its own. */
    static final int SPLIT = 4;

    private Vp8Prediction() {}

    /** Predicts a square of a macroblock. */
    static void square(byte[] plane, int at, int stride, int size, int mode, boolean hasAbove, boolean hasLeft) {
        int corner = plane[at - stride - 1] & 255;
        int mean = mode == DC ? mean(plane, at, stride, size, hasAbove, hasLeft) : 0;
        for (int y = 0; y < size; y++) {
            int row = at + y * stride;
            int left = plane[row - 1] & 255;
            switch (mode) {
                case DC -> Arrays.fill(plane, row, row + size, (byte) mean);
                case VERTICAL -> System.arraycopy(plane, at - stride, plane, row, size);
                case HORIZONTAL -> Arrays.fill(plane, row, row + size, (byte) left);
                default -> {
                    for (int x = 0; x < size; x++) {
                        plane[row + x] = Vp8Frame.clip(left + (plane[at - stride + x] & 255) - corner);
                    }
                }
            }
        }
    }

    private static int mean(byte[] plane, int at, int stride, int size, boolean hasAbove, boolean hasLeft) {
        int sum = 0;
        for (int i = 0; i < size; i++) {
            sum += hasAbove ? plane[at - stride + i] & 255 : 0;
            sum += hasLeft ? plane[at + i * stride - 1] & 255 : 0;
        }
        int count = (hasAbove ? size : 0) + (hasLeft ? size : 0);
        return count == 0 ? 128 : (sum + count / 2) / count;
    }

    /**
     * Predicts a block of 4x4 pixels.
     *
     * @param mode 0 mean, 1 true motion, 2 vertical, 3 horizontal, 4 left-down, 5 right-down, 6 vertical-right,
     *     7 vertical-left, 8 horizontal-down, 9 horizontal-up
     * @param right the four pixels above and to the right
     */
    static void block(byte[] plane, int at, int stride, int mode, int[] right) {
        // The pixels around the block, from the lower left over the corner (4) to the upper right.
        int[] edge = new int[13];
        for (int i = 0; i < 4; i++) {
            edge[i] = plane[at + (3 - i) * stride - 1] & 255;
            edge[5 + i] = plane[at - stride + i] & 255;
            edge[9 + i] = right[i];
        }
        edge[4] = plane[at - stride - 1] & 255;
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                plane[at + y * stride + x] = (byte) pixel(edge, mode, x, y);
            }
        }
    }

    private static int pixel(int[] e, int mode, int x, int y) {
        return switch (mode) {
            case 0 -> e[0] + e[1] + e[2] + e[3] + e[5] + e[6] + e[7] + e[8] + 4 >> 3;
            case 1 -> Vp8Frame.clip(e[3 - y] + e[5 + x] - e[4]);
            case 2 -> three(e, 5 + x);
            case 3 -> y == 3 ? e[1] + 3 * e[0] + 2 >> 2 : three(e, 3 - y);
            case 4 -> x + y == 6 ? e[11] + 3 * e[12] + 2 >> 2 : three(e, 6 + x + y);
            case 5 -> three(e, 4 + x - y);
            case 6 -> verticalRight(e, x, y);
            case 7 -> verticalLeft(e, x, y);
            case 8 -> horizontalDown(e, x, y);
            default -> horizontalUp(e, x, y);
        };
    }

    private static int verticalRight(int[] e, int x, int y) {
        int steps = 2 * x - y;
        if (steps < 0) {
            return three(e, steps == -1 ? 4 : 5 - y);
        }
        return steps % 2 == 0 ? two(e, 4 + steps / 2) : three(e, 4 + (steps + 1) / 2);
    }

    private static int verticalLeft(int[] e, int x, int y) {
        if (x == 3 && y > 1) {
            return three(e, 8 + y); // the two exceptions of the standard
        }
        int start = 5 + x + y / 2;
        return y % 2 == 0 ? two(e, start) : three(e, start + 1);
    }

    private static int horizontalDown(int[] e, int x, int y) {
        int steps = 2 * y - x;
        if (steps < 0) {
            return three(e, steps == -1 ? 4 : 3 + x);
        }
        return steps % 2 == 0 ? two(e, 3 - steps / 2) : three(e, 4 - (steps + 1) / 2);
    }

    private static int horizontalUp(int[] e, int x, int y) {
        int steps = x + 2 * y;
        if (steps > 5) {
            return e[0];
        }
        if (steps == 5) {
            return e[1] + 3 * e[0] + 2 >> 2;
        }
        return steps % 2 == 0 ? two(e, 2 - steps / 2) : three(e, 2 - steps / 2);
    }

    private static int two(int[] e, int i) {
        return e[i] + e[i + 1] + 1 >> 1;
    }

    private static int three(int[] e, int i) {
        return e[i - 1] + 2 * e[i] + e[i + 1] + 2 >> 2;
    }
}
