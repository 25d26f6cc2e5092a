package dev.sam2j.training.run;

import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.common.io.Sha256;
import dev.sam2j.common.io.StagedFiles;
import dev.sam2j.hiera.StageBuffer;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.training.TrainingBackend;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.TrainingListener;
import dev.sam2j.training.TrainingOptions;
import dev.sam2j.training.ValidationScores;
import dev.sam2j.training.data.DataSet;
import dev.sam2j.training.data.Sampler;
import dev.sam2j.training.data.augment.Augmentation;
import dev.sam2j.training.grad.Parameter;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.model.TrainableSam2;
import dev.sam2j.training.objective.BatchStep;
import dev.sam2j.training.objective.ObjectiveOptions;
import dev.sam2j.training.optim.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Everything that a run works with, put together from a model, pictures and settings. */
final class Setup implements AutoCloseable {
    private static final String FEATURES = "features.bin";

    private final LoadedModel model;
    private final TrainingOptions options;
    private final TrainingListener listener;
    private final DataSets data;
    private final ParameterStore parameters;
    private final FeatureCache cache;
    private final Features features;
    private final Learner learner;
    private final Optimizer optimizer;
    private final Sampler sampler;
    private final MemoryPlan plan;
    private final Path folder;

    /**
     * Puts a run together.
     *
     * @param folder of the run; it is made once nothing more can be wrong with the settings
     * @throws TrainingException if the model's device cannot train, nothing would be trained, or another run is at work
     *     in the folder
     */
    Setup(LoadedModel model, DataSets data, TrainingOptions options, TrainingListener listener, Path folder) {
        TrainingBackend backend = trainingBackend(model);
        this.model = model;
        this.options = options;
        this.listener = listener;
        this.data = data;
        this.folder = folder;
        int size = model.config().imageSize();
        int elements;
        try (StageBuffer buffer = new StageBuffer(backend, model.config())) {
            elements = buffer.values().cols();
        }
        this.parameters = new ParameterStore(model.source(), backend, trained(options.frozen()));
        TrainableSam2 trainable = new TrainableSam2(parameters, model.config());
        if (parameters.trained().isEmpty()) {
            parameters.close();
            throw new TrainingException("nothing would be trained: every parameter is frozen");
        }
        this.plan = MemoryPlan.of(model.config(), options, trainedValues(), elements);
        try {
            this.cache = openCache(elements);
        } catch (TrainingException | UncheckedIOException e) {
            parameters.close();
            throw e;
        }
        this.features = new Features(model, cache);
        ObjectiveOptions objective = ObjectiveOptions.PUBLIC
                .withKeepAbsentLogits(!options.publicObjective())
                .withSquaredIou(options.squaredQualityLoss());
        BatchStep step = new BatchStep(trainable, objective, options.objectsAtOnce(), plan.checkpoints());
        this.learner = new Learner(step, features, options, size);
        this.optimizer = new Optimizer(backend.training(), parameters, options.weightDecay(), options.clip());
        Augmentation augmentation = Augmentation.valueOf(options.augmentation().toUpperCase(Locale.ROOT));
        this.sampler = new Sampler(
                data.training(),
                new Sampler.Settings(size, options.batch(), options.objects(), augmentation, options.seed()));
    }

    /**
     * The backend of a model, which can train.
     *
     * @throws TrainingException if it cannot
     */
    static TrainingBackend trainingBackend(LoadedModel model) {
        if (model.backend() instanceof TrainingBackend backend) {
            return backend;
        }
        throw new TrainingException("training runs on the CPU only, not on "
                + model.backend().info().name() + " (--device cpu)");
    }

    private FeatureCache openCache(int elements) {
        try {
            AtomicFiles.createFolder(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        String fingerprint = model.fingerprint() + " " + model.precision();
        FeatureCache opened = new FeatureCache(folder.resolve(FEATURES), fingerprint, elements, cacheLimit());
        StagedFiles.removeLeftovers(folder); // of a run that was killed: no other is at work here
        return opened;
    }

    /** The decoder's side of the model without what is frozen by name. */
    private static Predicate<String> trained(List<String> frozen) {
        List<Pattern> patterns = frozen.stream()
                .map(glob -> Pattern.compile(List.of(glob.split("\\*", -1)).stream()
                        .map(Pattern::quote)
                        .collect(Collectors.joining(".*"))))
                .toList();
        return name -> !name.startsWith("image_encoder.")
                && patterns.stream().noneMatch(pattern -> pattern.matcher(name).matches());
    }

    private long cacheLimit() {
        if (options.cacheBytes() >= 0) {
            return options.cacheBytes();
        }
        try {
            return Files.getFileStore(folder).getUsableSpace() / 5;
        } catch (IOException e) {
            return 0; // a file system that does not tell; pictures are encoded each time
        }
    }

    /** What the weights of the run depend on: it may go on only where all of this is the same. */
    static Map<String, String> identity(LoadedModel model, DataSets data, Map<String, String> settings) {
        Map<String, String> identity = new LinkedHashMap<>(settings);
        identity.put("model", model.name() + " " + model.fingerprint());
        identity.put("training pictures", contents(data.training()));
        identity.put("validation pictures", contents(data.validation()));
        if (data.general() != null) {
            identity.put("general pictures", contents(data.general()));
        }
        return identity;
    }

    private static String contents(DataSet data) {
        String names = data.samples().stream()
                .map(sample -> sample.name() + " " + sample.width() + "x" + sample.height() + " "
                        + sample.objects().count())
                .collect(Collectors.joining("\n"));
        return data.size() + " with " + data.objects() + " objects, "
                + Sha256.of(names).substring(0, 16);
    }

    /** Scores weights on the validation pictures, and on those whose skill is to be kept. */
    Progress.Scores score(WeightSource weights, String what) {
        Scorer scorer = scorer();
        ValidationScores own = PictureScore.scores(
                scorer.score(weights, data.validation(), (done, all) -> listener.working(what, done, all)));
        ValidationScores general = data.general() == null
                ? null
                : PictureScore.scores(scorer.score(
                        weights,
                        data.general(),
                        (done, all) -> listener.working(what + " of what it knew", done, all)));
        return new Progress.Scores(own, general);
    }

    /** Scores single pictures. */
    Scorer scorer() {
        return new Scorer(model, features, options.corrections());
    }

    /** Steps of the optimiser in an epoch. */
    int stepsPerEpoch() {
        return (sampler.batches() + options.accumulate() - 1) / options.accumulate();
    }

    /** Steps of the whole run. */
    long steps() {
        long all = (long) options.epochs() * stepsPerEpoch();
        return options.steps() > 0 ? Math.min(options.steps(), all) : all;
    }

    /** Number of values that are trained. */
    long trainedValues() {
        return parameters.trained().stream()
                .map(Parameter::storedShape)
                .mapToLong(shape -> shape.elements())
                .sum();
    }

    /** Pictures that are encoded at most and kept, those learned from once in each mirrored view. */
    long featurePictures() {
        long views = switch (options.augmentation()) {
            case "none" -> 1;
            case "mirror" -> 4;
            default -> 0; // endlessly many, none is kept
        };
        long seen = steps() * options.accumulate() * options.batch();
        return Math.min(seen, views * data.training().size())
                + data.validation().size()
                + (data.general() == null ? 0 : data.general().size());
    }

    /** Bytes that they take on disk at most. */
    long featureBytes() {
        return featurePictures() * FeatureCache.bytes(cache.elements());
    }

    /** The model before training. */
    LoadedModel model() {
        return model;
    }

    /** The settings. */
    TrainingOptions options() {
        return options;
    }

    /** Who hears of the run. */
    TrainingListener listener() {
        return listener;
    }

    /** The pictures. */
    DataSets data() {
        return data;
    }

    /** The weights as they are now. */
    ParameterStore parameters() {
        return parameters;
    }

    /** Features of pictures. */
    Features features() {
        return features;
    }

    /** Makes gradients. */
    Learner learner() {
        return learner;
    }

    /** Makes steps. */
    Optimizer optimizer() {
        return optimizer;
    }

    /** Draws batches. */
    Sampler sampler() {
        return sampler;
    }

    /** What the run needs. */
    MemoryPlan plan() {
        return plan;
    }

    @Override
    public void close() {
        learner.close();
        parameters.close();
        features.close();
        cache.close();
    }
}
