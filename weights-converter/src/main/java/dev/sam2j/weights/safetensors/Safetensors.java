package dev.sam2j.weights.safetensors;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.file.FileFormat;
import dev.sam2j.weights.file.InputFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads and writes safetensors files: 8 bytes of header length, a JSON header that gives every tensor's type, shape and
 * place, and the tensors' bytes, little-endian and row-major. Used for checkpoints and for any other named float
 * tensors.
 */
public final class Safetensors {
    private Safetensors() {}

    /**
     * A tensor to be written.
     *
     * @param shape dimensions
     * @param dtype type in the file; narrower ones round to nearest, ties to even
     * @param values as many elements as the shape has, row-major; not copied
     */
    public record Entry(Shape shape, DType dtype, float[] values) {
        /**
         * Checks the number of values.
         *
         * @throws IllegalArgumentException if it is not the shape's
         */
        public Entry {
            if (values.length != shape.elements()) {
                throw new IllegalArgumentException(
                        "safetensors: " + shape + " has " + shape.elements() + " elements, got " + values.length);
            }
        }

        /** A float32 tensor of the given dimensions. */
        public static Entry of(float[] values, int... dims) {
            return new Entry(Shape.of(dims), DType.F32, values);
        }
    }

    /**
     * Opens a file. Close the result when its tensors are no longer needed.
     *
     * @throws CheckpointException if it is not such a file or its header contradicts itself or the file's size
     */
    public static CheckpointFile open(Path path) {
        return CheckpointFile.open(path, Safetensors::open);
    }

    /** Reads an open file and takes ownership of it on success. */
    public static CheckpointFile open(InputFile file) {
        return switch (FileFormat.of(file)) {
            case SAFETENSORS -> new SafetensorsReader(file).read();
            case TORCH, TORCH_LEGACY ->
                throw new CheckpointException(file.path(), "this is a file of torch.save, not a safetensors file");
            case UNKNOWN -> throw new CheckpointException(file.path(), "this is not a safetensors file");
        };
    }

    /**
     * Writes tensors. The file appears under its name only when it is whole; one that was there is replaced.
     *
     * @param metadata free text for the header's {@code __metadata__}; may be empty
     * @throws CheckpointException if the file cannot be written
     */
    public static void write(Path path, Map<String, Entry> tensors, Map<String, String> metadata) {
        write(path, source(path.toString(), tensors), metadata);
    }

    /** Tensors in memory as a source, which messages call {@code description}. */
    public static WeightSource source(String description, Map<String, Entry> tensors) {
        return new Entries(description, new LinkedHashMap<>(tensors));
    }

    /**
     * Writes all tensors of a source in their types, reading one at a time. Order: float32 first, then the 16-bit
     * types, so that every tensor is aligned to its type; otherwise that of the source.
     *
     * @throws CheckpointException if the file cannot be written or the source cannot be read
     */
    public static void write(Path path, WeightSource source, Map<String, String> metadata) {
        List<String> order = new ArrayList<>(source.names());
        order.sort((a, b) -> source.dtype(b).bytes() - source.dtype(a).bytes());
        new SafetensorsWriter(path, source, order).write(metadata);
    }

    private record Entries(String description, Map<String, Entry> tensors) implements WeightSource {
        @Override
        public Set<String> names() {
            return Collections.unmodifiableSet(tensors.keySet());
        }

        @Override
        public Shape shape(String name) {
            return tensors.get(name).shape();
        }

        @Override
        public DType dtype(String name) {
            return tensors.get(name).dtype();
        }

        @Override
        public void read(String name, float[] destination, int offset) {
            float[] values = tensors.get(name).values();
            System.arraycopy(values, 0, destination, offset, values.length);
        }
    }
}
