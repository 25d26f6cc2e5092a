package dev.sam2j.tensor.weights;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import java.util.Set;

/** Named tensors of a checkpoint, read on demand. Implementations are safe for use by several threads. */
public interface WeightSource {
    /** What messages call this source, usually its file name. */
    String description();

    /** Names of all tensors, in file order. */
    Set<String> names();

    /** Dimensions of a tensor as stored; {@code name} must be one of {@link #names()}. */
    Shape shape(String name);

    /** Element type of a tensor as stored. */
    DType dtype(String name);

    /**
     * Copies a tensor, widened to float32 and in row-major order, into {@code destination} from {@code offset} on.
     * The caller provides room for {@code shape(name).elements()} values.
     */
    void read(String name, float[] destination, int offset);

    /**
     * A tensor's values, as {@link #read(String, float[], int)} copies them.
     *
     * @throws ArithmeticException if it has 2^31 elements or more
     */
    default float[] read(String name) {
        float[] values = new float[Math.toIntExact(shape(name).elements())];
        read(name, values, 0);
        return values;
    }
}
