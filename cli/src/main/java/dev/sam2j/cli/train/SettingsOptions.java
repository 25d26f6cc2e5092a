package dev.sam2j.cli.train;

import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.training.TrainingOptions;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** How {@code sam2j train} trains; what is not given is the library's default. */
final class SettingsOptions {
    @Option(
            names = "--recipe",
            paramLabel = "NAME",
            description = "public: the settings of the public training code (7 corrections, its augmentations and "
                    + "rate, no warm-up, no mask gradient for objects called absent); other options still count.")
    private String recipe;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over all pictures (default: 20).")
    private Integer epochs;

    @Option(names = "--steps", paramLabel = "N", description = "Stop after so many steps, whatever the epochs.")
    private Long steps;

    @Option(
            names = "--patience",
            paramLabel = "N",
            description = "Stop after so many epochs without a better validation (default: 5; 0: never).")
    private Integer patience;

    @Option(names = "--batch", paramLabel = "N", description = "Pictures of a batch (default: 2).")
    private Integer batch;

    @Option(names = "--accumulate", paramLabel = "N", description = "Batches that make one step (default: 1).")
    private Integer accumulate;

    @Option(names = "--objects", paramLabel = "N", description = "Objects drawn of a picture per epoch (default: 8).")
    private Integer objects;

    @Option(
            names = "--objects-at-once",
            paramLabel = "N",
            description = "Objects in memory at once (default: 2): memory, not time.")
    private Integer objectsAtOnce;

    @Option(
            names = "--boxes",
            paramLabel = "SHARE",
            description = "How often the first prompt is a box and not a click, 0 to 1 (default: 0.5).")
    private Double boxes;

    @Option(
            names = "--corrections",
            paramLabel = "N",
            description = "Clicks after the first prompt on what is still wrong (default: 3).")
    private Integer corrections;

    @Option(names = "--learning-rate", paramLabel = "RATE", description = "Highest learning rate (default: 1e-4).")
    private Double learningRate;

    @Option(
            names = "--warm-up",
            paramLabel = "SHARE",
            description = "Share of the steps in which the rate rises (default: 0.05).")
    private Double warmUp;

    @Option(names = "--weight-decay", paramLabel = "DECAY", description = "Weight decay (default: 0.1).")
    private Double weightDecay;

    @Option(names = "--clip", paramLabel = "NORM", description = "Longest gradient (default: 0.1).")
    private Double clip;

    @Option(
            names = "--augment",
            paramLabel = "KIND",
            description = "none, mirror (the default), light or public: how pictures are changed. Features are kept "
                    + "for none and mirror only.")
    private String augment;

    @Option(
            names = "--min-area",
            paramLabel = "PIXELS",
            description = "Leave out objects with fewer pixels in the model's picture (default: 16).")
    private Integer minArea;

    @Option(
            names = "--freeze",
            paramLabel = "PATTERN",
            split = ",",
            description = "Parameters that do not train, by their names in the checkpoint; * stands for anything "
                    + "(sam_prompt_encoder.*, for example).")
    private List<String> freeze;

    @Option(
            names = "--squared-quality",
            description = "Train the predicted quality by squared instead of absolute errors.")
    private boolean squaredQuality;

    @Option(
            names = "--blend",
            paramLabel = "A",
            description = "Also write blended.pt: a part A (0 to 1) of the way from the old to the trained weights, "
                    + "which forgets less. The report shows the scores of several A.")
    private Double blend;

    @Option(
            names = "--cache-size",
            paramLabel = "GB",
            description = "Disk for features of pictures (default: a fifth of what is free; 0: none).")
    private Double cacheSize;

    @Option(names = "--max-hours", paramLabel = "H", description = "Stop after so many hours; a later run goes on.")
    private Double maxHours;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of all chance (default: 1).")
    private Long seed;

    /**
     * The options as the library takes them.
     *
     * @param validationShare share of the pictures that validate, or null for the default
     */
    TrainingOptions toOptions(Double validationShare) {
        TrainingOptions options = new TrainingOptions();
        if (recipe != null) {
            if (!recipe.equals("public")) {
                throw CliException.usage("--recipe: expected public, got '" + recipe + "'");
            }
            options.publicRecipe();
        }
        set("--epochs", epochs, options::epochs);
        set("--steps", steps, options::steps);
        set("--patience", patience, options::patience);
        set("--batch", batch, options::batch);
        set("--accumulate", accumulate, options::accumulate);
        set("--objects", objects, options::objects);
        set("--objects-at-once", objectsAtOnce, options::objectsAtOnce);
        set("--boxes", boxes, options::boxShare);
        set("--corrections", corrections, options::corrections);
        set("--learning-rate", learningRate, options::learningRate);
        set("--warm-up", warmUp, options::warmUp);
        set("--weight-decay", weightDecay, options::weightDecay);
        set("--clip", clip, options::clip);
        set("--augment", augment, options::augmentation);
        set("--min-area", minArea, options::minArea);
        set("--freeze", freeze, options::frozen);
        set("--blend", blend, options::blend);
        set("--max-hours", maxHours, options::maxHours);
        set("--seed", seed, options::seed);
        set("--val-fraction", validationShare, options::validationShare);
        if (squaredQuality) {
            options.squaredQualityLoss(true);
        }
        if (cacheSize != null) {
            if (!(cacheSize >= 0)) {
                throw CliException.usage("--cache-size: must not be negative, got " + cacheSize);
            }
            options.cacheBytes(Math.round(cacheSize * 1e9));
        }
        return options;
    }

    /** Passes a value on if it was given; what the library says against it becomes a message about the option. */
    private static <T> void set(String option, T value, Consumer<T> setter) {
        if (value != null) {
            try {
                setter.accept(value);
            } catch (IllegalArgumentException e) {
                throw CliException.usage(option + ": " + e.getMessage().replaceFirst("^[^:]*: ", ""));
            }
        }
    }
}
