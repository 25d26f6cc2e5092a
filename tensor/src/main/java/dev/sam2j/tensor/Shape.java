package dev.sam2j.tensor;

import java.util.Arrays;

/** Immutable dimensions of a tensor, outermost first. Every dimension is at least 1. */
public final class Shape {
    private final int[] dims;
    private final long elements;

    private Shape(int[] dims) {
        long product = 1;
        for (int dim : dims) {
            if (dim < 1) {
                throw new IllegalArgumentException("shape: dimensions must be positive, got " + Arrays.toString(dims));
            }
            product = Math.multiplyExact(product, (long) dim);
        }
        this.dims = dims;
        this.elements = product;
    }

    /**
     * A shape with the given dimensions; no dimensions make a scalar of one element.
     *
     * @throws IllegalArgumentException if a dimension is below 1
     * @throws ArithmeticException if the number of elements does not fit a {@code long}
     */
    public static Shape of(int... dims) {
        return new Shape(dims.clone());
    }

    /** Number of dimensions. */
    public int rank() {
        return dims.length;
    }

    /** Dimension at {@code axis}; negative axes count from the end. */
    public int dim(int axis) {
        return dims[axis < 0 ? axis + dims.length : axis];
    }

    /** Length of the last axis (channels); 1 for a scalar. */
    public int cols() {
        return dims.length == 0 ? 1 : dims[dims.length - 1];
    }

    /** Product of all axes but the last. */
    public int rows() {
        return Math.toIntExact(elements / cols());
    }

    /** Product of all dimensions. */
    public long elements() {
        return elements;
    }

    /** This shape with its last dimension replaced. */
    public Shape withCols(int cols) {
        int[] changed = dims.clone();
        changed[dims.length - 1] = cols;
        return new Shape(changed);
    }

    /** A fresh array of the dimensions. */
    public int[] toArray() {
        return dims.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** For example {@code [1, 64, 64, 256]}. */
    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
