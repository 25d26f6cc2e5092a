package dev.sam2j.cpu.attention;

/**
 * A grid cut into square windows; those at the lower and right border may reach over it.
 *
 * @param height rows of the key grid
 * @param width columns of the key grid
 * @param size side of a window on the key grid
 * @param queryStride key positions per query position along each axis
 */
public record WindowGrid(int height, int width, int size, int queryStride) {
    private int windowsAcross() {
        return (width + size - 1) / size;
    }

    int windows() {
        return (height + size - 1) / size * windowsAcross();
    }

    /** Writes the raster indices of a window's keys inside the grid and returns their number. */
    int keys(int window, int[] indices) {
        return collect(window, size, height, width, indices);
    }

    /** Writes the raster indices of a window's queries and returns their number. */
    int queries(int window, int[] indices) {
        return collect(window, size / queryStride, height / queryStride, width / queryStride, indices);
    }

    private int collect(int window, int side, int gridHeight, int gridWidth, int[] indices) {
        int top = window / windowsAcross() * side;
        int left = window % windowsAcross() * side;
        int n = 0;
        for (int y = top; y < Math.min(top + side, gridHeight); y++) {
            for (int x = left; x < Math.min(left + side, gridWidth); x++) {
                indices[n++] = y * gridWidth + x;
            }
        }
        return n;
    }
}
