package dev.sam2j.tensor;

/** A weight matrix in the layout a {@link Backend} multiplies best; made once, by {@link Backend#pack}. */
public interface PackedMatrix extends AutoCloseable {
    /** Rows of the stored matrix: output columns of a product. */
    int out();

    /** Columns of the stored matrix: the length of the dot products. */
    int in();

    /** Frees the memory. */
    @Override
    void close();
}
