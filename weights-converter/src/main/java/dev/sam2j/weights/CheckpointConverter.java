package dev.sam2j.weights;

import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.safetensors.Safetensors;
import dev.sam2j.weights.torch.TorchWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Turns any checkpoint into a safetensors or {@code .pt} file with the official names. */
public final class CheckpointConverter {
    /**
     * Tensors may share their elements, so the output can be larger than the input; no honest file needs more than
     * this.
     */
    private static final long MAX_GROWTH = 16;

    private CheckpointConverter() {}

    /**
     * What a conversion did.
     *
     * @param tensors number of tensors written
     * @param bytes size of the new file
     * @param skipped tensors left out because they cannot be weights, and why
     */
    public record Result(int tensors, long bytes, Map<String, String> skipped) {}

    /**
     * Converts a checkpoint, to a file of {@code torch.save} if the output's name ends in {@code .pt}, else to
     * safetensors. Types are kept but for float64, which becomes float32; strided tensors become contiguous, shared
     * ones are written each. Metadata is kept in safetensors, {@code .pt} files have none.
     *
     * @throws CheckpointException if the input cannot be read or the output cannot be written; no output is left then
     */
    public static Result convert(Path input, Path output) {
        try (Checkpoints.Source source = Checkpoints.open(input)) {
            if (Files.exists(output) && Files.isSameFile(source.file().path(), output)) {
                throw new CheckpointException(output, "input and output are the same file");
            }
            CheckpointSummary summary = CheckpointSummary.of(source);
            if (summary.bytes() / MAX_GROWTH > summary.fileSize()) {
                throw new CheckpointException(
                        input,
                        "its tensors claim " + summary.bytes() + " bytes in a file of " + summary.fileSize()
                                + ", which is not converted");
            }
            if (output.toString().endsWith(".pt")) {
                TorchWriter.write(output, source);
            } else {
                Map<String, String> metadata = new LinkedHashMap<>(summary.metadata());
                metadata.putIfAbsent("format", "pt");
                Safetensors.write(output, source, metadata);
            }
            return new Result(summary.tensors().size(), Files.size(output), summary.skipped());
        } catch (IOException e) {
            throw new CheckpointException(output, "the file cannot be written (" + AtomicFiles.reason(e) + ")", e);
        }
    }
}
