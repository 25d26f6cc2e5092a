package dev.sam2j.weights;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.WeightSource;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * An open checkpoint under the names written in it. The file stays open; tensors are read from it when asked for.
 * Tensors that cannot be weights (integers, float64, no elements) are not among the {@link #names()} but among the
 * {@link #skipped()}, and asking for one says why.
 */
public final class CheckpointFile implements WeightSource, AutoCloseable {
    private final String format;
    private final MappedFile file;
    private final ByteOrder order;
    private final Map<String, StoredTensor> tensors;
    private final Map<String, String> skipped;
    private final Map<String, String> metadata;

    /** Takes ownership of {@code file} and of the maps. */
    CheckpointFile(
            String format,
            MappedFile file,
            ByteOrder order,
            Map<String, StoredTensor> tensors,
            Map<String, String> skipped,
            Map<String, String> metadata) {
        this.format = format;
        this.file = file;
        this.order = order;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.skipped = Collections.unmodifiableMap(skipped);
        this.metadata = Collections.unmodifiableMap(metadata);
    }

    /** The file this was opened from. */
    public Path path() {
        return file.path();
    }

    /** {@code torch} or {@code safetensors}. */
    public String format() {
        return format;
    }

    /** Size of the file in bytes. */
    public long fileSize() {
        return file.size();
    }

    /** Free text stored with the tensors ({@code __metadata__} of safetensors); may be empty. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** Tensors that cannot be weights, and why, for example {@code I64 [1]}. */
    public Map<String, String> skipped() {
        return skipped;
    }

    @Override
    public String description() {
        return file.path().toString();
    }

    @Override
    public Set<String> names() {
        return tensors.keySet();
    }

    /**
     * Dimensions of a tensor as stored.
     *
     * @throws CheckpointException if there is no such tensor, or it cannot be weights
     */
    @Override
    public Shape shape(String name) {
        return tensor(name).shape();
    }

    /**
     * Element type of a tensor as stored.
     *
     * @throws CheckpointException if there is no such tensor, or it cannot be weights
     */
    @Override
    public DType dtype(String name) {
        return tensor(name).type().dtype();
    }

    /**
     * {@inheritDoc}
     *
     * @throws CheckpointException if there is no such tensor, it cannot be weights, or the file shrank since it was
     *     opened
     * @throws IndexOutOfBoundsException if the destination has too little room
     * @throws IllegalStateException if the checkpoint has been closed
     */
    @Override
    public void read(String name, float[] destination, int offset) {
        StoredTensor tensor = tensor(name);
        if (offset < 0 || destination.length - offset < tensor.shape().elements()) {
            throw new IndexOutOfBoundsException(name + ": " + tensor.shape() + " does not fit an array of "
                    + destination.length + " from " + offset + " on");
        }
        try {
            tensor.read(file, order, destination, offset);
        } catch (IOException | InternalError e) { // the error is how the JVM reports a page that no longer exists
            throw new CheckpointException(path(), "the file changed while " + name + " was read", e);
        }
    }

    private StoredTensor tensor(String name) {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new CheckpointException(
                    path(),
                    skipped.containsKey(name)
                            ? name + " is " + skipped.get(name) + ", only float32, float16 and bfloat16 can be weights"
                            : "there is no tensor " + name);
        }
        return tensor;
    }

    /** Closes the file. Tensors cannot be read afterwards; closing twice has no effect. */
    @Override
    public void close() {
        file.close();
    }
}
