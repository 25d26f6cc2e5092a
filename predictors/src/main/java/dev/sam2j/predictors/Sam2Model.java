package dev.sam2j.predictors;

import dev.sam2j.Precision;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.video.VideoPredictor;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;

/**
 * A SAM 2 model on a device. Loading checks that the checkpoint holds exactly the model's tensors; their values are
 * read when first needed. One model serves any number of predictors and sessions, on any number of threads. Closing it
 * waits for the calls in progress; later ones fail with an {@link IllegalStateException}. Only this library implements
 * it.
 */
public interface Sam2Model extends AutoCloseable {
    /** A loader of models. */
    static ModelBuilder builder() {
        return new ModelBuilder();
    }

    /** Loads a named model on the best device: {@code builder().model(name).build()}. */
    static Sam2Model load(String name) {
        return builder().model(name).build();
    }

    /**
     * Begins, in the background, to get a device ready on which a model will be loaded soon. Returns at once, also
     * where there is no such device.
     *
     * @param device as for {@link ModelBuilder#device}
     * @param precision as for {@link ModelBuilder#precision}
     */
    static void prepare(String device, Precision precision) {
        Backends.prepare(device, new BackendOptions(0, precision));
    }

    /**
     * A predictor for pictures.
     *
     * @throws IllegalStateException if the model has been closed
     */
    default ImagePredictor imagePredictor() {
        return new ImagePredictor(this);
    }

    /**
     * A predictor for videos.
     *
     * @throws IllegalStateException if the model has been closed
     * @throws ModelException if the checkpoint is of a model for pictures only
     */
    default VideoPredictor videoPredictor() {
        return new VideoPredictor(this);
    }

    /**
     * Tells this model from others: the same for the same configuration and weights, wherever they were loaded from, 64
     * hexadecimal digits.
     */
    String fingerprint();

    /** What messages and results call the model. */
    String name();

    /** The configuration. */
    Sam2Config config();

    /** The device that computes, for example {@code cpu}. */
    String device();

    /** The number format that it computes in. */
    Precision precision();

    /**
     * Frees the weights and whatever the model owns, once no call of a predictor or session is in progress. Closing
     * twice has no effect.
     *
     * @throws IllegalStateException if called from within such a call, as by a listener
     */
    @Override
    void close();
}
