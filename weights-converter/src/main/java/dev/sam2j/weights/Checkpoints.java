package dev.sam2j.weights;

import dev.sam2j.tensor.WeightSource;
import java.nio.file.Path;

/** Opens checkpoints of any format and naming. */
public final class Checkpoints {
    private Checkpoints() {}

    /** A source that holds a file open. Reading after closing is an {@link IllegalStateException}. */
    public interface Source extends WeightSource, AutoCloseable {
        /** The file as it is, under the names written in it. */
        CheckpointFile file();

        /** Whether the file uses the names of Hugging Face transformers. */
        boolean isHuggingFace();

        @Override
        void close();
    }

    /**
     * Opens a {@code .pt} file of {@code torch.save} or a safetensors file, whatever its name ends in, and presents its
     * tensors under the names of the official checkpoints; the names of Hugging Face transformers ({@code Sam2Model},
     * {@code Sam2VideoModel}) are translated.
     *
     * @throws CheckpointException if the file is missing, of another format, or damaged
     */
    public static Source open(Path path) {
        CheckpointFile file = openFile(path);
        try {
            return HuggingFaceNames.present(file.names()) ? new HuggingFaceSource(file) : new PlainSource(file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Opens a file under the names written in it.
     *
     * @throws CheckpointException if the file is missing, of another format, or damaged
     */
    public static CheckpointFile openFile(Path path) {
        MappedFile file = MappedFile.open(path);
        try {
            return switch (FileFormat.of(file)) {
                case SAFETENSORS -> Safetensors.open(file);
                case TORCH, TORCH_LEGACY, UNKNOWN -> TorchCheckpoint.open(file);
            };
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }
}
