package dev.sam2j.training.objective;

/**
 * The exact Euclidean distance of every pixel of a region to the nearest pixel outside it; everything beyond the
 * picture is outside (Felzenszwalb and Huttenlocher, Distance Transforms of Sampled Functions, 2012).
 */
final class DistanceTransform {
    private final int size;
    /** Squared distances, row by row. */
    private final int[] squares;

    /** Distances inside the set bits of a square of {@code size} pixels. */
    DistanceTransform(int size, long[] region) {
        this.size = size;
        this.squares = new int[size * size];
        downColumns(region);
        alongRows();
    }

    /** Squared distance of the pixel that is farthest inside, 0 for an empty region. */
    int largest() {
        int largest = 0;
        for (int square : squares) {
            largest = Math.max(largest, square);
        }
        return largest;
    }

    /** The first pixel in row-major order that is farthest inside. */
    int deepest() {
        int deepest = 0;
        for (int i = 1; i < squares.length; i++) {
            if (squares[i] > squares[deepest]) {
                deepest = i;
            }
        }
        return deepest;
    }

    /** Squared distance to the nearest pixel outside in the same column. */
    private void downColumns(long[] region) {
        int[] above = new int[size];
        for (int i = 0; i < squares.length; i++) {
            int x = i % size;
            above[x] = isSet(region, i) ? above[x] + 1 : 0;
            squares[i] = above[x];
        }
        int[] below = new int[size];
        for (int i = squares.length - 1; i >= 0; i--) {
            int x = i % size;
            below[x] = isSet(region, i) ? below[x] + 1 : 0;
            int distance = Math.min(squares[i], below[x]);
            squares[i] = distance * distance;
        }
    }

    /** The lower envelope of one parabola per column, and of one on either side of the picture. */
    private void alongRows() {
        int[] row = new int[size + 2];
        int[] vertex = new int[size + 2];
        double[] from = new double[size + 3];
        for (int y = 0; y < size; y++) {
            System.arraycopy(squares, y * size, row, 1, size);
            int last = 0;
            vertex[0] = 0;
            from[0] = Double.NEGATIVE_INFINITY;
            from[1] = Double.POSITIVE_INFINITY;
            for (int x = 1; x < row.length; x++) {
                double meeting = meeting(row, vertex[last], x);
                while (meeting <= from[last]) {
                    meeting = meeting(row, vertex[--last], x);
                }
                vertex[++last] = x;
                from[last] = meeting;
                from[last + 1] = Double.POSITIVE_INFINITY;
            }
            int lowest = 0;
            for (int x = 1; x <= size; x++) {
                while (from[lowest + 1] < x) {
                    lowest++;
                }
                int dx = x - vertex[lowest];
                squares[y * size + x - 1] = dx * dx + row[vertex[lowest]];
            }
        }
    }

    /** Where the parabolas over two columns meet. */
    private static double meeting(int[] row, int left, int right) {
        return ((row[right] + (double) right * right) - (row[left] + (double) left * left)) / (2.0 * (right - left));
    }

    private static boolean isSet(long[] bits, int i) {
        return (bits[i >> 6] >>> i & 1) != 0;
    }
}
