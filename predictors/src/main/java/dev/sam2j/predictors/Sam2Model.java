package dev.sam2j.predictors;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.heads.MaskDecoder;
import dev.sam2j.heads.PromptEncoder;
import dev.sam2j.hiera.ImageEncoder;
import dev.sam2j.memory.MemoryModel;
import dev.sam2j.predictors.model.ModelFingerprint;
import dev.sam2j.predictors.video.VideoPredictor;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.WeightSource;
import dev.sam2j.tensor.Weights;
import dev.sam2j.weights.checkpoint.ModelKind;
import java.util.Map;

/**
 * A SAM 2 model on a backend. Loading checks that the checkpoint holds exactly the model's tensors; their values are
 * read when first needed. One model serves any number of predictors and sessions, on any number of threads. Closing it
 * waits for the calls in progress; later ones fail with an {@link IllegalStateException}.
 */
public final class Sam2Model implements AutoCloseable {
    private final String name;
    private final Sam2Config config;
    private final Backend backend;
    private final Weights weights;
    private final AutoCloseable[] owned;
    private final ImageEncoder imageEncoder;
    private final PromptEncoder promptEncoder;
    private final MaskDecoder maskDecoder;
    private final MemoryModel memory;
    private final Lazy<Tensor> noMemory; // (1, 1, 1, C)
    private final Lazy<String> fingerprint;
    private final Lifecycle lifecycle;

    private Sam2Model(
            String name,
            Sam2Config config,
            WeightSource source,
            Backend backend,
            boolean verify,
            AutoCloseable... owned) {
        this.name = name;
        this.config = config;
        this.backend = backend;
        this.owned = owned;
        this.lifecycle = Lifecycle.shared("the model " + name, null);
        this.weights = Weights.of(source, backend);
        this.imageEncoder = new ImageEncoder(weights, config);
        this.promptEncoder = new PromptEncoder(weights.at("sam_prompt_encoder"), config);
        this.maskDecoder = new MaskDecoder(weights.at("sam_mask_decoder"), config);
        boolean pictures = source != null && ModelKind.isForPicturesOnly(source);
        this.memory = pictures ? null : new MemoryModel(weights, config);
        var noMem = weights.get("no_mem_embed", 1, 1, config.hiddenDim());
        this.noMemory = weights.constant(Shape.of(1, 1, 1, config.hiddenDim()), noMem::read);
        this.fingerprint = new Lazy<>(() -> ModelFingerprint.of(config, weights.requested(), source));
        if (verify) {
            weights.verify();
        }
    }

    /**
     * A model from its parts; the caller keeps owning them.
     *
     * @param name what messages and results call the model
     * @throws dev.sam2j.WeightsException listing every tensor that is missing, misshapen or not part of the
     *     model
     */
    public static Sam2Model of(String name, Sam2Config config, WeightSource source, Backend backend) {
        return new Sam2Model(name, config, source, backend, true);
    }

    /** A model that owns what it was made from. */
    static Sam2Model owning(
            String name, Sam2Config config, WeightSource source, Backend backend, AutoCloseable... owned) {
        return new Sam2Model(name, config, source, backend, true, owned);
    }

    /** Names and stored shapes of all tensors that a model of this configuration reads, in no particular order. */
    public static Map<String, Shape> parameters(Sam2Config config) {
        return new Sam2Model("", config, null, null, false).weights.requested();
    }

    /** A loader of models. */
    public static ModelBuilder builder() {
        return new ModelBuilder();
    }

    /** Loads a named model on the best device: {@code builder().model(name).build()}. */
    public static Sam2Model load(String name) {
        return builder().model(name).build();
    }

    /**
     * A predictor for pictures.
     *
     * @throws IllegalStateException if the model has been closed
     */
    public ImagePredictor imagePredictor() {
        try (Lifecycle.Use use = lifecycle.use()) {
            return new ImagePredictor(this);
        }
    }

    /**
     * A predictor for videos.
     *
     * @throws IllegalStateException if the model has been closed
     * @throws ModelException if the checkpoint is of a model for pictures only
     */
    public VideoPredictor videoPredictor() {
        try (Lifecycle.Use use = lifecycle.use()) {
            memory();
            return new VideoPredictor(this);
        }
    }

    /** Whether the model is open: what computes with it uses this, so that it stays open meanwhile. */
    public Lifecycle lifecycle() {
        return lifecycle;
    }

    /**
     * Tells this model from others: the same for the same configuration and weights, wherever they were loaded from, 64
     * hexadecimal digits.
     */
    public String fingerprint() {
        try (Lifecycle.Use use = lifecycle.use()) {
            return fingerprint.get();
        }
    }

    /** What messages and results call the model. */
    public String name() {
        return name;
    }

    /** The configuration. */
    public Sam2Config config() {
        return config;
    }

    /** What computes. */
    public Backend backend() {
        return backend;
    }

    /** Makes features of a picture. */
    public ImageEncoder imageEncoder() {
        return imageEncoder;
    }

    /** Embeds prompts. */
    public PromptEncoder promptEncoder() {
        return promptEncoder;
    }

    /** Predicts masks. */
    public MaskDecoder maskDecoder() {
        return maskDecoder;
    }

    /**
     * Writes and reads memories of video frames.
     *
     * @throws ModelException if the checkpoint has no weights for that
     */
    public MemoryModel memory() {
        if (memory == null) {
            throw new ModelException(name + ": the checkpoint is of a model for pictures only, such as Sam2Model of "
                    + "transformers; videos need the memory's weights too, which Meta's checkpoints and "
                    + "Sam2VideoModel have");
        }
        return memory;
    }

    /** What is added to the embedding of a picture that has no memories, (1, 1, 1, C). */
    public Tensor noMemory() {
        return noMemory.get();
    }

    /**
     * Frees the weights and whatever the model owns, once no call of a predictor or session is in progress. Closing
     * twice has no effect.
     *
     * @throws IllegalStateException if called from within such a call, as by a listener
     */
    @Override
    public void close() {
        if (lifecycle.close()) {
            weights.close();
            closeAll(owned);
        }
    }

    /** Closes in order whatever is not null. */
    static void closeAll(AutoCloseable... resources) {
        for (AutoCloseable resource : resources) {
            try {
                if (resource != null) {
                    resource.close();
                }
            } catch (Exception e) {
                throw new IllegalStateException("closing a model failed", e);
            }
        }
    }
}
