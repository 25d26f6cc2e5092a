package dev.sam2j.predictors;

import dev.sam2j.Precision;
import dev.sam2j.predictors.model.ModelFiles;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import dev.sam2j.weights.DownloadListener;
import java.nio.file.Path;

/** Finds configuration, weights and device of a model and loads it. */
public final class ModelBuilder {
    private String model = "demo";
    private Path checkpoint;
    private Path cacheFolder;
    private DownloadListener downloadListener = DownloadListener.NONE;
    private String device = "auto";
    private int threads;
    private Precision precision = Precision.AUTO;
    private boolean postprocessing = true;

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
        Backends.prepare(device, options);
        ModelFiles files = new ModelFiles(model, checkpoint, cacheFolder, downloadListener, postprocessing);
        return files.load(() -> Backends.open(device, options), true);
    }
}
