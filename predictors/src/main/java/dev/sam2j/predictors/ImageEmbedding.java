package dev.sam2j.predictors;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.predictors.model.EmbeddingFile;
import dev.sam2j.predictors.model.EncodedPicture;
import java.nio.file.Path;

/**
 * What a model has seen in a picture; prompts are answered from it without looking at the picture again. Holds about 17
 * MB for the released models until closed. Any predictor of the same model may use it, also several at once; closing it
 * waits for the calls in progress, later ones fail with an {@link IllegalStateException}.
 */
public final class ImageEmbedding implements AutoCloseable {
    private final EncodedPicture encoded;

    ImageEmbedding(EncodedPicture encoded) {
        this.encoded = encoded;
    }

    /** The features. */
    EncodedPicture encoded() {
        return encoded;
    }

    /** Width of the picture in pixels. */
    public int width() {
        return encoded.width();
    }

    /** Height of the picture in pixels. */
    public int height() {
        return encoded.height();
    }

    /**
     * Writes the embedding for {@link ImagePredictor#loadEmbedding}, in float32: answers from the copy are the same.
     *
     * @throws dev.sam2j.weights.CheckpointException if the file cannot be written
     */
    public void write(Path file) {
        try (Lifecycle.Use use = encoded.lifecycle().use()) {
            EmbeddingFile.write(file, encoded);
        }
    }

    /** Frees the features, once no call that reads them is in progress. Closing twice has no effect. */
    @Override
    public void close() {
        encoded.close();
    }
}
