package dev.sam2j.weights.file;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.zip.ZipException;

/**
 * An open checkpoint under the names written in it, of one file or of several shards. The files stay open; tensors are
 * read from them when asked for, also in a thread that is interrupted. Tensors that cannot be weights (integers, no
 * elements) are not among the {@link #names()} but among the {@link #skipped()}, and asking for one says why.
 */
public final class CheckpointFile implements WeightSource, AutoCloseable {
    private final String format;
    private final Path path;
    private final List<InputFile> files;
    private final Map<String, StoredTensor> tensors;
    private final Map<String, String> skipped;
    private final Map<String, String> metadata;

    /** Takes ownership of {@code file} and of the maps. */
    public CheckpointFile(
            String format,
            Path path,
            InputFile file,
            Map<String, StoredTensor> tensors,
            Map<String, String> skipped,
            Map<String, String> metadata) {
        this(format, path, List.of(file), tensors, skipped, metadata);
    }

    private CheckpointFile(
            String format,
            Path path,
            List<InputFile> files,
            Map<String, StoredTensor> tensors,
            Map<String, String> skipped,
            Map<String, String> metadata) {
        this.format = format;
        this.path = path;
        this.files = files;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.skipped = Collections.unmodifiableMap(skipped);
        this.metadata = Collections.unmodifiableMap(metadata);
    }

    /**
     * Opens a file, which is closed again if the reader fails.
     *
     * @param reader takes ownership of the file on success
     * @throws CheckpointException if there is no such file, or what the reader throws
     */
    public static CheckpointFile open(Path path, Function<InputFile, CheckpointFile> reader) {
        InputFile file = InputFile.open(path);
        try {
            return reader.apply(file);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /**
     * The tensors of several files together, which it takes ownership of.
     *
     * @throws CheckpointException if two have a tensor of the same name
     */
    public static CheckpointFile joined(Path path, List<CheckpointFile> shards) {
        List<InputFile> files = new ArrayList<>();
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        Map<String, String> skipped = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        for (CheckpointFile shard : shards) {
            files.addAll(shard.files);
            shard.tensors.forEach((name, tensor) -> {
                if (tensors.put(name, tensor) != null) {
                    throw new CheckpointException(shard.path, "another file of the checkpoint has " + name + " too");
                }
            });
            skipped.putAll(shard.skipped);
            metadata.putAll(shard.metadata);
        }
        return new CheckpointFile(shards.get(0).format, path, files, tensors, skipped, metadata);
    }

    /** The file this was opened from; of a checkpoint in several files, their index. */
    public Path path() {
        return path;
    }

    /** {@code torch} or {@code safetensors}. */
    public String format() {
        return format;
    }

    /** Size of the file in bytes, or of all files. */
    public long fileSize() {
        return files.stream().mapToLong(InputFile::size).sum();
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
        return path.toString();
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
     * Element type of a tensor as stored, float32 for float64.
     *
     * @throws CheckpointException if there is no such tensor, or it cannot be weights
     */
    @Override
    public DType dtype(String name) {
        return tensor(name).type().dtype();
    }

    /** The type as it is called in the file's format, in lower case, for example {@code f64}. */
    public String storedType(String name) {
        return tensor(name).type().name().toLowerCase(Locale.ROOT);
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
            tensor.read(destination, offset);
        } catch (ZipException e) {
            throw new CheckpointException(path, "the compressed bytes of " + name + " are damaged", e);
        } catch (IOException e) {
            throw new CheckpointException(path, "the file changed while " + name + " was read", e);
        }
    }

    private StoredTensor tensor(String name) {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new CheckpointException(
                    path(),
                    skipped.containsKey(name)
                            ? name + " is " + skipped.get(name)
                                    + ", only floating-point numbers of 16 to 64 bits can be weights"
                            : "there is no tensor " + name);
        }
        return tensor;
    }

    /** Closes the file. Tensors cannot be read afterwards; closing twice has no effect. */
    @Override
    public void close() {
        files.forEach(InputFile::close);
    }
}
