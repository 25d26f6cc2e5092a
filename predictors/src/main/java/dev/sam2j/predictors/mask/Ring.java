package dev.sam2j.predictors.mask;

import java.util.Arrays;

/** A closed line of horizontal and vertical edges between pixels, given by its corners. */
public final class Ring {
    private final int[] corners;

    /** Takes over an array of x, y, x, y, ... */
    Ring(int[] corners) {
        this.corners = corners;
    }

    /** Number of corners, at least 4. */
    public int size() {
        return corners.length / 2;
    }

    /** Column boundary of corner {@code i}: 0 is the left side of the picture. */
    public int x(int i) {
        return corners[2 * i];
    }

    /** Row boundary of corner {@code i}: 0 is the upper side of the picture. */
    public int y(int i) {
        return corners[2 * i + 1];
    }

    /** A copy of the corners as x, y, x, y, ..., the form of COCO's polygons. */
    public int[] toXy() {
        return corners.clone();
    }

    /** Enclosed pixels: positive for an outer ring, negative for a hole. */
    public long signedArea() {
        long doubled = 0;
        int previous = size() - 1;
        for (int i = 0; i < size(); i++) {
            doubled += (long) x(previous) * y(i) - (long) x(i) * y(previous);
            previous = i;
        }
        return doubled / 2;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ring ring && Arrays.equals(corners, ring.corners);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(corners);
    }

    @Override
    public String toString() {
        return "Ring" + Arrays.toString(corners);
    }
}
