package dev.sam2j.predictors;

import java.nio.file.Path;

/**
 * What a model has seen in a picture; prompts are answered from it without looking at the picture again. Holds about 17
 * MB for the released models until closed. Any predictor of the same model may use it, also several at once; closing it
 * waits for the calls in progress, later ones fail with an {@link IllegalStateException}. Only this library implements
 * it.
 */
public interface ImageEmbedding extends AutoCloseable {
    /** Width of the picture in pixels. */
    int width();

    /** Height of the picture in pixels. */
    int height();

    /**
     * Writes the embedding for {@link ImagePredictor#loadEmbedding}, in float32: answers from the copy are the same.
     *
     * @throws dev.sam2j.weights.CheckpointException if the file cannot be written
     */
    void write(Path file);

    /** Frees the features, once no call that reads them is in progress. Closing twice has no effect. */
    @Override
    void close();
}
