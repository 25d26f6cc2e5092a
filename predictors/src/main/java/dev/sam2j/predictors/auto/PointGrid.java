package dev.sam2j.predictors.auto;

import java.util.ArrayList;
import java.util.List;

/** Prompt points spread over a picture as fractions of its width and height. */
public final class PointGrid {
    /** Most points per side. */
    static final int MAX_SIDE = 4096;

    private final double[] points;

    private PointGrid(double[] points) {
        this.points = points;
    }

    /**
     * The centres of {@code side x side} equal cells, row by row.
     *
     * @param side points per row and per column, 1 to 4096
     */
    public static PointGrid uniform(int side) {
        if (side < 1 || side > MAX_SIDE) {
            throw new IllegalArgumentException(
                    "point grid: points per side must be from 1 to " + MAX_SIDE + ", got " + side);
        }
        double[] points = new double[side * side * 2];
        int at = 0;
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                points[at++] = (column + 0.5) / side;
                points[at++] = (row + 0.5) / side;
            }
        }
        return new PointGrid(points);
    }

    /**
     * A grid of own points.
     *
     * @param xy x, y of each point from 0 to 1, at least one; copied
     */
    public static PointGrid of(double... xy) {
        if (xy.length == 0 || xy.length % 2 != 0) {
            throw new IllegalArgumentException("point grid: need pairs of x and y, got " + xy.length + " numbers");
        }
        for (double value : xy) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("point grid: coordinates must be from 0 to 1, got " + value);
            }
        }
        return new PointGrid(xy.clone());
    }

    /**
     * One uniform grid for the whole picture and one for each crop layer; layer i has {@code side / factor^i} points
     * per side, rounded down.
     *
     * @param factor by how much grids shrink from layer to layer, at least 1
     * @throws IllegalArgumentException if a layer would have no points
     */
    public static List<PointGrid> forLayers(int side, int layers, int factor) {
        if (factor < 1 || layers < 0) {
            throw new IllegalArgumentException(
                    "point grid: need a factor of at least 1 and 0 or more layers, got " + factor + " and " + layers);
        }
        List<PointGrid> grids = new ArrayList<>();
        long divisor = 1;
        for (int layer = 0; layer <= layers; layer++) {
            if (side > 0 && side / divisor == 0) {
                throw new IllegalArgumentException("point grid: " + side + " points per side leave none for layer "
                        + layer + " with factor " + factor);
            }
            grids.add(uniform((int) (side / divisor)));
            divisor *= factor;
        }
        return grids;
    }

    /** Number of points. */
    public int size() {
        return points.length / 2;
    }

    /** Column of point {@code i} as a fraction of the width. */
    public double x(int i) {
        return points[2 * i];
    }

    /** Row of point {@code i} as a fraction of the height. */
    public double y(int i) {
        return points[2 * i + 1];
    }

    /** The points in pixels of a picture, x, y, x, y, ..., computed in double precision and rounded to float32. */
    public float[] toPixels(int width, int height) {
        float[] pixels = new float[points.length];
        for (int i = 0; i < pixels.length; i += 2) {
            pixels[i] = (float) (points[i] * width);
            pixels[i + 1] = (float) (points[i + 1] * height);
        }
        return pixels;
    }
}
