package dev.sam2j.weights;

import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.checkpoint.ModelKind;
import dev.sam2j.weights.file.CheckpointFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a checkpoint file holds.
 *
 * @param path the file
 * @param fileSize its size in bytes
 * @param format {@code torch} or {@code safetensors}
 * @param huggingFace whether it uses the names of Hugging Face transformers; {@code tensors} has the official ones
 * @param model what it looks like, for example {@code SAM 2.1 tiny}
 * @param elements number of values in all tensors
 * @param bytes size of all tensors as safetensors, shared ones counted each time
 * @param dtypes number of tensors per type as stored, in lower case such as {@code f16}, the types present only
 * @param tensors all tensors in file order
 * @param skipped tensors under the names in the file that are left out, and why
 * @param metadata free text stored with the tensors
 */
public record CheckpointSummary(
        Path path,
        long fileSize,
        String format,
        boolean huggingFace,
        String model,
        long elements,
        long bytes,
        Map<String, Integer> dtypes,
        List<TensorInfo> tensors,
        Map<String, String> skipped,
        Map<String, String> metadata) {

    /** A tensor's official name, type and dimensions as stored. */
    public record TensorInfo(String name, String dtype, List<Integer> shape) {}

    /**
     * Reads the directory of a checkpoint; no tensor is read. It may be a file of {@code torch.save}, a safetensors
     * file, the index of a safetensors file in several pieces, or a folder with one of these as Hugging Face lays it
     * out, under the official names or those of Hugging Face transformers.
     *
     * @throws CheckpointException if the file is missing, of another format, or damaged
     */
    public static CheckpointSummary of(Path path) {
        try (Checkpoints.Source source = Checkpoints.open(path)) {
            return of(source);
        }
    }

    /** Describes an open checkpoint. */
    static CheckpointSummary of(Checkpoints.Source source) {
        List<TensorInfo> tensors = new ArrayList<>();
        Map<String, Integer> dtypes = new LinkedHashMap<>();
        long elements = 0;
        long bytes = 0;
        for (String name : source.names()) {
            Shape shape = source.shape(name);
            tensors.add(new TensorInfo(
                    name,
                    source.storedType(name),
                    Arrays.stream(shape.toArray()).boxed().toList()));
            dtypes.merge(source.storedType(name), 1, Integer::sum);
            elements += shape.elements();
            bytes += shape.elements() * source.dtype(name).bytes();
        }
        CheckpointFile file = source.file();
        return new CheckpointSummary(
                file.path(),
                file.fileSize(),
                file.format(),
                source.isHuggingFace(),
                ModelKind.of(source).description(),
                elements,
                bytes,
                dtypes,
                tensors,
                source.skipped(),
                file.metadata());
    }
}
