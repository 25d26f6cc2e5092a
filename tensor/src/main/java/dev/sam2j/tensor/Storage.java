package dev.sam2j.tensor;

/** A block of memory owned by one {@link Backend}; closing it frees the block and invalidates every tensor in it. */
public interface Storage extends AutoCloseable {
    /** Type of the elements. */
    DType dtype();

    /** Capacity in elements. */
    long elements();

    /** Frees the memory. Closing twice has no effect. */
    @Override
    void close();
}
