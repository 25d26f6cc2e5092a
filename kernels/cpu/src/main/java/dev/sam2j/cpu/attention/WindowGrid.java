package dev.sam2j.cpu.attention;

import dev.sam2j.tensor.AttentionSpec.Windows;

/** The index map of {@link Windows}: which keys and queries a window has. */
record WindowGrid(Windows windows) {
    private int windowsAcross() {
        return (windows.width() + windows.size() - 1) / windows.size();
    }

    /** Number of windows. */
    int count() {
        return (windows.height() + windows.size() - 1) / windows.size() * windowsAcross();
    }

    /** Positions of a window, those outside the grid included. */
    int area() {
        return windows.size() * windows.size();
    }

    /** Writes the raster indices of a window's keys inside the grid and returns their number. */
    int keys(int window, int[] indices) {
        return collect(window, 1, indices);
    }

    /** Writes the raster indices of a window's queries and returns their number. */
    int queries(int window, int[] indices) {
        return collect(window, windows.queryStride(), indices);
    }

    private int collect(int window, int stride, int[] indices) {
        int side = windows.size() / stride;
        int gridHeight = windows.height() / stride;
        int gridWidth = windows.width() / stride;
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
