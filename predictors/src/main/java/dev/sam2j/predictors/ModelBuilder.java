package dev.sam2j.predictors;

import dev.sam2j.Precision;
import dev.sam2j.WeightsException;
import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.model.DemoCheckpoint;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.BackendOptions;
import dev.sam2j.tensor.Backends;
import dev.sam2j.weights.CheckpointCache;
import dev.sam2j.weights.CheckpointDownloader;
import dev.sam2j.weights.DownloadListener;
import dev.sam2j.weights.NamedCheckpoint;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.checkpoint.ModelKind;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds configuration, weights and device of a model and loads it. */
public final class ModelBuilder {
    private static final String DEMO = "demo";

    private String model = DEMO;
    private Path checkpoint;
    private Path cacheFolder;
    private DownloadListener downloadListener = DownloadListener.NONE;
    private String device = "auto";
    private int threads;
    private Precision precision = Precision.AUTO;
    private boolean postprocessing = true;
    private Backend backend;

    ModelBuilder() {}

    /**
     * The model: {@code demo} (the default), {@code tiny}, {@code small}, {@code base-plus}, {@code large}, the name of
     * a configuration such as {@code sam2_hiera_l}, or a YAML file.
     */
    public ModelBuilder model(String nameOrFile) {
        this.model = nameOrFile;
        return this;
    }

    /**
     * The weights: a {@code .pt} or safetensors file, the index of a safetensors file in several pieces, or a folder
     * of Hugging Face; by default those of the named model, from the cache or downloaded. Weights without those of
     * videos, such as {@code Sam2Model} of transformers, make a model for pictures.
     */
    public ModelBuilder checkpoint(Path file) {
        this.checkpoint = file;
        return this;
    }

    /**
     * Where downloads are kept; by default the system property {@code dev.sam2j.cache}, the variable SAM2J_CACHE, the
     * user's cache.
     */
    public ModelBuilder cacheFolder(Path folder) {
        this.cacheFolder = folder;
        return this;
    }

    /** Hears of the progress of a download. */
    public ModelBuilder downloadListener(DownloadListener listener) {
        this.downloadListener = listener;
        return this;
    }

    /** The device: {@code auto} (the default), {@code cpu}, {@code cuda} or {@code cuda:N}. */
    public ModelBuilder device(String name) {
        this.device = name;
        return this;
    }

    /** Threads of the CPU backend; 0, the default, is one per processor. */
    public ModelBuilder threads(int count) {
        this.threads = count;
        return this;
    }

    /** The number format; by default the device's own. */
    public ModelBuilder precision(Precision format) {
        this.precision = format;
        return this;
    }

    /** Computes on a backend that the caller keeps owning, whatever device, threads and precision say. */
    public ModelBuilder backend(Backend shared) {
        this.backend = shared;
        return this;
    }

    /**
     * Whether the model behaves as the reference's builders make it by default (the fallback for unstable single masks,
     * binary memories of prompted frames); on by default. Off is what the YAML says.
     */
    public ModelBuilder postprocessing(boolean on) {
        this.postprocessing = on;
        return this;
    }

    /**
     * Loads the model. An interrupt of the thread has no effect but on a download, which it ends with a
     * {@link dev.sam2j.weights.CheckpointException}; a later call continues it.
     *
     * @throws ModelException if there is no such model
     * @throws dev.sam2j.configs.ConfigException if the configuration is wrong
     * @throws dev.sam2j.weights.CheckpointException if the checkpoint cannot be had or is damaged
     * @throws dev.sam2j.WeightsException if it is a checkpoint of another model
     * @throws dev.sam2j.BackendException if the device cannot be used
     */
    public Sam2Model build() {
        BackendOptions options = new BackendOptions(threads, precision);
        if (backend == null) {
            Backends.prepare(device, options);
        }
        Sam2Config config = config();
        if (postprocessing) {
            config = config.withVideoPostprocessing();
        }
        Checkpoints.Source source = null;
        Backend device = null;
        try {
            source = checkpoint == null && isDemo() ? DemoCheckpoint.open() : Checkpoints.open(checkpointFile());
            device = backend == null ? Backends.open(this.device, options) : null;
            return Sam2Model.owning(model, config, source, backend == null ? device : backend, device, source);
        } catch (WeightsException e) {
            Sam2Model.closeAll(device);
            throw misfit(e, source);
        } catch (RuntimeException | Error e) {
            Sam2Model.closeAll(device, source);
            throw e;
        }
    }

    /** Begins with whose checkpoint it is, which says more than the tensors that differ. */
    private WeightsException misfit(WeightsException e, Checkpoints.Source source) {
        try (source) {
            ModelKind kind = ModelKind.of(source);
            String advice = kind.model()
                    .map(fitting -> ", the model for it is " + fitting.modelName())
                    .orElse("");
            return new WeightsException(source.description() + ": the checkpoint does not fit the model " + model
                    + ": it looks like " + kind.description() + advice + "\n" + e.getMessage());
        }
    }

    private Sam2Config config() {
        if (Configs.isKnown(model)) {
            return Configs.named(model);
        }
        Path file = Path.of(model);
        if (!Files.exists(file)) {
            throw new ModelException("model: expected one of "
                    + Configs.aliases().keySet() + ", " + Configs.names() + " or a YAML file, got " + model);
        }
        return Configs.load(file);
    }

    private boolean isDemo() {
        return Configs.isKnown(model) && Configs.canonicalName(model).equals(Configs.canonicalName(DEMO));
    }

    private Path checkpointFile() {
        if (checkpoint != null) {
            return checkpoint;
        }
        if (!Configs.isKnown(model)) {
            throw new ModelException(model + ": a model from a file needs a checkpoint too");
        }
        String name = Configs.canonicalName(model);
        for (NamedCheckpoint candidate : NamedCheckpoint.values()) {
            if (candidate.configName().equals(name)) {
                return new CheckpointDownloader(CheckpointCache.locate(cacheFolder)).get(candidate, downloadListener);
            }
        }
        throw new ModelException(model + ": there are no published weights, name a checkpoint");
    }
}
