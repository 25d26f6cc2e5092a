package dev.sam2j.predictors.model;

import dev.sam2j.Precision;
import dev.sam2j.common.Lifecycle;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.heads.MaskDecoder;
import dev.sam2j.heads.PromptEncoder;
import dev.sam2j.hiera.ImageEncoder;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.memory.MemoryModel;
import dev.sam2j.predictors.ModelException;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.tensor.weights.Weights;
import dev.sam2j.weights.checkpoint.ModelKind;
import java.util.Map;

/** The layers of a model, on a backend. */
public final class LoadedModel implements Sam2Model {
    private final String name;
    private final Sam2Config config;
    private final Backend backend;
    private final WeightSource source;
    private final Weights weights;
    private final AutoCloseable[] owned;
    private final ImageEncoder imageEncoder;
    private final PromptEncoder promptEncoder;
    private final MaskDecoder maskDecoder;
    private final MemoryModel memory;
    private final Lazy<Tensor> noMemory; // (1, 1, 1, C)
    private final Lazy<String> fingerprint;
    private final Lifecycle lifecycle;
    private final LayerObserver observer;

    private LoadedModel(String name, Sam2Config config, WeightSource source, Backend backend, AutoCloseable... owned) {
        this.name = name;
        this.config = config;
        this.backend = backend;
        this.owned = owned;
        this.lifecycle = Lifecycle.shared("the model " + name, null);
        this.observer = LayerObserver.NONE;
        this.source = source;
        this.weights = Weights.of(source, backend);
        this.imageEncoder = new ImageEncoder(weights, config);
        this.promptEncoder = new PromptEncoder(weights.at("sam_prompt_encoder"), config);
        this.maskDecoder = new MaskDecoder(weights.at("sam_mask_decoder"), config);
        boolean pictures = source != null && ModelKind.isForPicturesOnly(source);
        this.memory = pictures ? null : new MemoryModel(weights, config);
        var noMem = weights.get("no_mem_embed", 1, 1, config.hiddenDim());
        this.noMemory = weights.constant(Shape.of(1, 1, 1, config.hiddenDim()), noMem::read);
        this.fingerprint = new Lazy<>(() -> ModelFingerprint.of(config, weights.requested(), source));
    }

    private LoadedModel(LoadedModel model, LayerObserver observer) {
        this.name = model.name;
        this.config = model.config;
        this.backend = model.backend;
        this.owned = model.owned;
        this.lifecycle = model.lifecycle;
        this.observer = observer;
        this.source = model.source;
        this.weights = model.weights;
        this.imageEncoder = model.imageEncoder;
        this.promptEncoder = model.promptEncoder;
        this.maskDecoder = model.maskDecoder;
        this.memory = model.memory;
        this.noMemory = model.noMemory;
        this.fingerprint = model.fingerprint;
    }

    /**
     * A model from its parts.
     *
     * @param name what messages and results call the model
     * @param backend stays the caller's, unless it is one of {@code owned}
     * @param owned closed with the model, in order
     * @throws dev.sam2j.WeightsException listing every tensor that is missing, misshapen or not part of the model
     */
    public static LoadedModel of(
            String name, Sam2Config config, WeightSource source, Backend backend, AutoCloseable... owned) {
        LoadedModel model = new LoadedModel(name, config, source, backend, owned);
        model.weights.verify();
        return model;
    }

    /** Loads a model as {@link Sam2Model#load} does, on a backend that the caller keeps owning. */
    public static LoadedModel load(String name, Backend backend) {
        return new ModelFiles(name).load(() -> backend, false);
    }

    /** The layers of a model that a user has. */
    public static LoadedModel of(Sam2Model model) {
        return (LoadedModel) model;
    }

    /** Names and stored shapes of all tensors that a model of this configuration reads, in no particular order. */
    public static Map<String, Shape> parameters(Sam2Config config) {
        return new LoadedModel("", config, null, null).weights.requested();
    }

    /**
     * This model with an observer of what predictors and sessions compute: {@code preprocessed} (1, S, S, 3) of each
     * picture; of single pictures each layer of the trunk, {@code image_embed}, {@code high_res_feats.0} and
     * {@code high_res_feats.1}; of videos {@code pix_feat_with_mem} (1, h, w, C) of each
     * object as it is decoded and {@code maskmem_features} (1, h, w, Cm) of each memory before rounding. Closing either
     * closes both.
     */
    public LoadedModel observedBy(LayerObserver observer) {
        return new LoadedModel(this, observer);
    }

    /** Sees intermediate results. */
    public LayerObserver observer() {
        return observer;
    }

    /** Whether the model is open: what computes with it uses this, so that it stays open meanwhile. */
    public Lifecycle lifecycle() {
        return lifecycle;
    }

    @Override
    public String fingerprint() {
        try (Lifecycle.Use use = lifecycle.use()) {
            return fingerprint.get();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Sam2Config config() {
        return config;
    }

    @Override
    public String device() {
        return backend.info().name();
    }

    @Override
    public Precision precision() {
        return backend.info().precision();
    }

    /** What computes. */
    public Backend backend() {
        return backend;
    }

    /** The weights as they are stored, by name; open as long as the model is. */
    public WeightSource source() {
        return source;
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
