package dev.sam2j.weights.checkpoint;

import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.file.FileFormat;
import dev.sam2j.weights.file.InputFile;
import dev.sam2j.weights.safetensors.Safetensors;
import dev.sam2j.weights.torch.TorchCheckpoint;
import java.nio.file.Path;
import java.util.Map;

/** Opens checkpoints of any format and naming. */
public final class Checkpoints {
    private Checkpoints() {}

    /**
     * A source that holds a file open. Reading after closing is an {@link IllegalStateException}; an interrupt of the
     * reading thread has no effect.
     */
    public interface Source extends WeightSource, AutoCloseable {
        /** The file as it is, under the names written in it. */
        CheckpointFile file();

        /** Whether the file uses the names of Hugging Face transformers. */
        boolean isHuggingFace();

        /** Tensors that are left out, under the names written in the file, and why. */
        Map<String, String> skipped();

        /** The type of a tensor as the file's format calls it, in lower case, for example {@code f64}. */
        String storedType(String name);

        @Override
        void close();
    }

    /**
     * Opens a checkpoint, whatever its name ends in, and presents its tensors under the names of the official
     * checkpoints. It may be a file of {@code torch.save}, a safetensors file, the index of a safetensors file in
     * several pieces, or a folder with one of these as Hugging Face lays it out. The names of Hugging Face transformers
     * ({@code Sam2Model}, {@code Sam2VideoModel}) are translated, prefixes of training programs taken off.
     *
     * @throws CheckpointException if the file is missing, of another format, or damaged
     */
    public static Source open(Path path) {
        return official(openFile(path));
    }

    /**
     * Opens a checkpoint in memory, as {@link #open(Path)} does.
     *
     * @param name what messages call it
     * @param content the bytes of a file of {@code torch.save} or of safetensors; kept, not copied
     * @throws CheckpointException if it is of another format or damaged
     */
    public static Source open(String name, byte[] content) {
        return official(read(InputFile.of(Path.of(name), content)));
    }

    private static Source official(CheckpointFile file) {
        try {
            return new OfficialSource(file);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /**
     * Opens a file, index or folder under the names written in it.
     *
     * @throws CheckpointException if the file is missing, of another format, or damaged
     */
    public static CheckpointFile openFile(Path path) {
        Path found = CheckpointFolder.find(path);
        return ShardIndex.isNamedLikeOne(found)
                ? ShardIndex.open(found)
                : CheckpointFile.open(found, Checkpoints::read);
    }

    private static CheckpointFile read(InputFile file) {
        return switch (FileFormat.of(file)) {
            case SAFETENSORS -> Safetensors.open(file);
            case TORCH, TORCH_LEGACY, UNKNOWN -> TorchCheckpoint.open(file);
        };
    }
}
