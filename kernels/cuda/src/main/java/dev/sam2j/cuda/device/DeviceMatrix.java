package dev.sam2j.cuda.device;

import dev.sam2j.tensor.DType;

/**
 * Rows of elements on the device, as kernels see a tensor.
 *
 * @param address of the first element
 * @param type of the elements
 * @param rows number of rows
 * @param columns elements of a row
 * @param stride distance between the starts of two rows, in elements
 */
public record DeviceMatrix(long address, DType type, int rows, int columns, int stride) {
    /** Whether rows follow each other without gaps. */
    public boolean contiguous() {
        return stride == columns || rows == 1;
    }

    /** Whether four elements at a time can be accessed wherever the column is a multiple of four. */
    public boolean inFours() {
        return inGroups(4);
    }

    private boolean inGroups(int count) {
        return columns % count == 0
                && (stride % count == 0 || rows == 1)
                && address % ((long) count * type.bytes()) == 0;
    }

    /** Whether every row starts at a multiple of {@code bytes}. */
    public boolean rowsAt(int bytes) {
        return address % bytes == 0 && (rows == 1 || (long) stride * type.bytes() % bytes == 0);
    }

    /** First byte after the last element. */
    public long end() {
        return address + ((long) (rows - 1) * stride + columns) * type.bytes();
    }

    /** Whether the memory between first and last element is shared. */
    public boolean overlaps(DeviceMatrix other) {
        return address < other.end() && other.address < end();
    }

    /** Rows {@code from} to {@code from + count}. */
    public DeviceMatrix rows(int from, int count) {
        return new DeviceMatrix(address + (long) from * stride * type.bytes(), type, count, columns, stride);
    }

    /** Columns {@code from} to {@code from + count}. */
    public DeviceMatrix columns(int from, int count) {
        return new DeviceMatrix(address + (long) from * type.bytes(), type, rows, count, stride);
    }

    /** The elements of contiguous rows under other numbers of rows and columns. */
    public DeviceMatrix reshaped(int newRows, int newColumns) {
        return new DeviceMatrix(address, type, newRows, newColumns, newColumns);
    }

    /** Whether all matrices can be accessed in pieces of eight elements that start at multiples of 16 bytes. */
    public static boolean inEights(DeviceMatrix... matrices) {
        for (DeviceMatrix matrix : matrices) {
            if (matrix.columns % 8 != 0 || !matrix.rowsAt(16)) {
                return false;
            }
        }
        return true;
    }

    /** 4 if all matrices can be accessed in fours, otherwise 1. */
    public static int width(DeviceMatrix... matrices) {
        return all(4, matrices) ? 4 : 1;
    }

    /** 8 if all matrices can be accessed in eights, otherwise {@link #width}. */
    public static int greatestWidth(DeviceMatrix... matrices) {
        return all(8, matrices) ? 8 : width(matrices);
    }

    private static boolean all(int count, DeviceMatrix... matrices) {
        for (DeviceMatrix matrix : matrices) {
            if (matrix != null && !matrix.inGroups(count)) {
                return false;
            }
        }
        return true;
    }
}
