package dev.sam2j.cpu.runtime;

/**
 * Rows of adjacent values at a fixed distance in an array.
 *
 * @param data the array
 * @param offset index of the first value of row 0
 * @param stride distance between the first values of consecutive rows
 */
public record Rows(float[] data, int offset, int stride) {
    /** Index of the first value of a row. */
    public int at(int row) {
        return offset + row * stride;
    }

    /** The rows from {@code row} on. */
    public Rows from(int row) {
        return new Rows(data, at(row), stride);
    }
}
