package dev.sam2j.predictors.model;

import dev.sam2j.WeightsException;
import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.ModelException;
import dev.sam2j.tensor.Backend;
import dev.sam2j.weights.CheckpointCache;
import dev.sam2j.weights.CheckpointDownloader;
import dev.sam2j.weights.DownloadListener;
import dev.sam2j.weights.NamedCheckpoint;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.checkpoint.ModelKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Where the configuration and the weights of a model are.
 *
 * @param model name, or a YAML file
 * @param checkpoint the weights, or null for those of the name
 * @param cache where downloads are kept, or null for the usual place
 * @param listener hears of a download
 * @param postprocessing whether it behaves as the reference's builders make it
 */
public record ModelFiles(String model, Path checkpoint, Path cache, DownloadListener listener, boolean postprocessing) {
    private static final String DEMO = "demo";

    /** A named model as it is loaded by default. */
    public ModelFiles(String model) {
        this(model, null, null, DownloadListener.NONE, true);
    }

    /**
     * Loads the model.
     *
     * @param device opens the backend, once the files have been found
     * @param owned whether the model closes the backend
     */
    public LoadedModel load(Supplier<Backend> device, boolean owned) {
        Sam2Config config = config();
        if (postprocessing) {
            config = config.withVideoPostprocessing();
        }
        Checkpoints.Source source = null;
        Backend opened = null;
        try {
            source = checkpoint == null && isDemo() ? DemoCheckpoint.open() : Checkpoints.open(checkpointFile());
            Backend backend = device.get();
            opened = owned ? backend : null;
            return LoadedModel.of(model, config, source, backend, opened, source);
        } catch (WeightsException e) {
            LoadedModel.closeAll(opened);
            throw misfit(e, source);
        } catch (RuntimeException | Error e) {
            LoadedModel.closeAll(opened, source);
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
                return new CheckpointDownloader(CheckpointCache.locate(cache)).get(candidate, listener);
            }
        }
        throw new ModelException(model + ": there are no published weights, name a checkpoint");
    }
}
