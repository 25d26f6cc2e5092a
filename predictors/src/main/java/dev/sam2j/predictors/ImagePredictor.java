package dev.sam2j.predictors;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.EmbeddingFile;
import dev.sam2j.predictors.model.EncodedPicture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.model.PictureEncoder;
import dev.sam2j.tensor.Ops;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Segments pictures: a picture is encoded once, then any number of prompts are answered.
 *
 * <pre>{@code
 * try (ImagePredictor predictor = model.imagePredictor()) {
 *     predictor.setImage(Picture.read(Path.of("photo.jpg")));
 *     Mask mask = predictor.predict(Prompt.point(320, 240)).best().mask();
 * }
 * }</pre>
 *
 * <p>One thread at a time may use a predictor; a model may have several predictors that work at the same time. While a
 * thread uses it, and once it or the model has been closed, every method fails with an {@link IllegalStateException}
 * that says so. Interrupting a thread stops no call; it stays interrupted.
 */
public final class ImagePredictor implements AutoCloseable {
    private final LoadedModel model;
    private final Ops ops;
    private final PromptDecoder decoder;
    private final PictureEncoder encoder;
    private final Lifecycle lifecycle;
    private ImageEmbedding current;

    /**
     * A predictor that uses a model.
     *
     * @throws IllegalStateException if the model has been closed
     */
    public ImagePredictor(Sam2Model model) {
        this.model = LoadedModel.of(model);
        try (Lifecycle.Use use = this.model.lifecycle().use()) {
            this.ops = new Ops(this.model.backend());
            this.decoder = new PromptDecoder(this.model, ops);
            this.encoder = new PictureEncoder(this.model, ops);
            this.lifecycle = Lifecycle.exclusive("the image predictor", this.model.lifecycle());
        }
    }

    /** Encodes the picture that the following prompts are about. */
    public void setImage(Picture picture) {
        try (Lifecycle.Use use = lifecycle.use()) {
            setEmbedding(encode(picture));
        }
    }

    /**
     * Makes a picture that was encoded before the one that the following prompts are about; the predictor closes it.
     */
    public void setEmbedding(ImageEmbedding embedding) {
        try (Lifecycle.Use use = lifecycle.use()) {
            replaceCurrent(embedding);
        }
    }

    private void replaceCurrent(ImageEmbedding embedding) {
        if (current != null && current != embedding) {
            current.close();
        }
        current = embedding;
    }

    /** Encodes a picture for later; the caller closes the embedding, or gives it to {@link #setEmbedding}. */
    public ImageEmbedding encode(Picture picture) {
        try (Lifecycle.Use use = lifecycle.use()) {
            return encoder.encode(picture);
        }
    }

    /**
     * Loads an embedding that {@link ImageEmbedding#write} wrote; the caller closes it, or gives it to
     * {@link #setEmbedding}.
     *
     * @throws dev.sam2j.weights.CheckpointException if the file is damaged, no embedding, or one of another model
     */
    public ImageEmbedding loadEmbedding(Path file) {
        try (Lifecycle.Use use = lifecycle.use()) {
            return EmbeddingFile.read(file, model);
        }
    }

    /** Answers a prompt with three alternatives. */
    public Prediction predict(Prompt prompt) {
        return predict(prompt, PredictOptions.DEFAULT);
    }

    /** Answers a prompt about the current picture. */
    public Prediction predict(Prompt prompt, PredictOptions options) {
        return predict(List.of(prompt), options).get(0);
    }

    /** Answers several prompts about the current picture, each for an object of its own, in their order. */
    public List<Prediction> predict(List<Prompt> prompts, PredictOptions options) {
        try (Lifecycle.Use use = lifecycle.use()) {
            if (current == null) {
                throw new IllegalStateException("predict: no picture has been set");
            }
            return predict(current, prompts, options);
        }
    }

    /**
     * Answers several prompts about a picture that was encoded before, in their order. From the sixth prompt about a
     * picture on, answers may differ from earlier ones by roundoff.
     *
     * @throws PromptException if a prompt lies outside the picture, or its mask has another size than the model's
     */
    public List<Prediction> predict(ImageEmbedding embedding, List<Prompt> prompts, PredictOptions options) {
        try (Lifecycle.Use use = lifecycle.use()) {
            return decoder.decode((EncodedPicture) embedding, prompts, options);
        }
    }

    /** Answers prompts about several pictures, one list of prompts for each picture; the current picture stays. */
    public List<List<Prediction>> predictBatch(
            List<Picture> pictures, List<List<Prompt>> prompts, PredictOptions options) {
        if (pictures.size() != prompts.size()) {
            throw new IllegalArgumentException("predictBatch: expected a list of prompts for each of " + pictures.size()
                    + " pictures, got " + prompts.size());
        }
        try (Lifecycle.Use use = lifecycle.use()) {
            List<List<Prediction>> results = new ArrayList<>();
            for (int i = 0; i < pictures.size(); i++) {
                try (ImageEmbedding embedding = encode(pictures.get(i))) {
                    results.add(predict(embedding, prompts.get(i), options));
                }
            }
            return results;
        }
    }

    /**
     * Frees the current picture and the working memory. Closing twice has no effect.
     *
     * @throws IllegalStateException if the predictor is in use, by another thread or this one
     */
    @Override
    public void close() {
        if (lifecycle.close()) {
            replaceCurrent(null);
            decoder.close();
            encoder.close();
            ops.close();
        }
    }
}
