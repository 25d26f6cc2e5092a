package dev.sam2j.weights;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * @param bytes size of all tensors as stored, shared ones counted each time
 * @param dtypes number of tensors per type, the types present only
 * @param tensors all tensors in file order
 * @param skipped tensors that cannot be weights, and why
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
        Map<DType, Integer> dtypes,
        List<TensorInfo> tensors,
        Map<String, String> skipped,
        Map<String, String> metadata) {

    /** A tensor's official name, type and dimensions as stored. */
    public record TensorInfo(String name, DType dtype, Shape shape) {}

    /**
     * Reads the directory of a file; no tensor is read.
     *
     * @throws CheckpointException if the file is missing, of another format, or damaged
     */
    public static CheckpointSummary of(Path path) {
        try (Checkpoints.Source source = Checkpoints.open(path)) {
            return of(source);
        }
    }

    /** Describes an open checkpoint. */
    public static CheckpointSummary of(Checkpoints.Source source) {
        List<TensorInfo> tensors = new ArrayList<>();
        Map<DType, Integer> dtypes = new LinkedHashMap<>();
        long elements = 0;
        long bytes = 0;
        for (String name : source.names()) {
            TensorInfo info = new TensorInfo(name, source.dtype(name), source.shape(name));
            tensors.add(info);
            dtypes.merge(info.dtype(), 1, Integer::sum);
            elements += info.shape().elements();
            bytes += info.shape().elements() * info.dtype().bytes();
        }
        CheckpointFile file = source.file();
        return new CheckpointSummary(
                file.path(),
                file.fileSize(),
                file.format(),
                source.isHuggingFace(),
                model(source),
                elements,
                bytes,
                dtypes,
                tensors,
                file.skipped(),
                file.metadata());
    }

    private static String model(Checkpoints.Source source) {
        String trunk = "image_encoder.trunk.";
        if (!source.names().contains(trunk + "pos_embed")
                || source.shape(trunk + "pos_embed").rank() != 4) {
            return "not a SAM 2 model";
        }
        int width = source.shape(trunk + "pos_embed").dim(1);
        int depth = 0;
        while (source.names().contains(trunk + "blocks." + depth + ".norm1.weight")) {
            depth++;
        }
        String size = switch (width + "x" + depth) {
            case "96x12" -> "tiny";
            case "96x16" -> "small";
            case "112x24" -> "base-plus";
            case "144x48" -> "large";
            default -> "of another size (width " + width + ", " + depth + " blocks)";
        };
        if (!source.names().contains("maskmem_tpos_enc")) {
            return "SAM 2 " + size + ", images only";
        }
        return (source.names().contains("no_obj_embed_spatial") ? "SAM 2.1 " : "SAM 2.0 ") + size;
    }
}
