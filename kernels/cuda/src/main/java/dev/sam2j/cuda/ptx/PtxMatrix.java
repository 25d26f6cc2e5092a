package dev.sam2j.cuda.ptx;

import dev.sam2j.tensor.DType;

/**
 * Rows of elements that a kernel reads or writes.
 *
 * @param type of the elements
 * @param base register of the first element's address
 * @param stride register of the distance between the starts of two rows, in elements
 */
public record PtxMatrix(PtxWriter w, DType type, String base, String stride) {
    /** Declares the parameters {@code name} and {@code name_stride}. */
    public static PtxMatrix parameter(PtxWriter w, String name, DType type) {
        return new PtxMatrix(w, type, w.pointer(name), w.integer(name + "_stride"));
    }

    /** Address of an element. */
    public String at(String row, Object column) {
        return w.address(base, row, stride, column, type.bytes());
    }

    /** Loads {@code width} elements of a row. */
    public String[] load(String row, Object column, int width) {
        return new Elements(w, type, width).load(at(row, column));
    }

    /** Loads a thread's elements. */
    public String[] load(ElementPosition at) {
        return load(at.row(), at);
    }

    /** Loads a thread's elements from another row. */
    public String[] load(String row, ElementPosition at) {
        return load(row, at.column(), at.width());
    }

    /** Stores adjacent elements of a row. */
    public void store(String row, Object column, String... values) {
        new Elements(w, type, values.length).store(at(row, column), values);
    }

    /** Stores a thread's elements. */
    public void store(ElementPosition at, String... values) {
        store(at.row(), at.column(), values);
    }
}
