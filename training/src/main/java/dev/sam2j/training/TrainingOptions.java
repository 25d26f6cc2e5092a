package dev.sam2j.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a run trains. Every setting has a default that suits some hundred pictures; each method sets one and returns
 * this.
 *
 * <pre>{@code
 * TrainingOptions options = new TrainingOptions().epochs(30).learningRate(2e-4).seed(7);
 * }</pre>
 */
public final class TrainingOptions {
    private int epochs = 20;
    private long steps;
    private int patience = 5;
    private int batch = 2;
    private int accumulate = 1;
    private int objects = 8;
    private int objectsAtOnce = 2;
    private double boxShare = 0.5;
    private int corrections = 3;
    private double learningRate = 1e-4;
    private double warmUp = 0.05;
    private double weightDecay = 0.1;
    private double clip = 0.1;
    private String augmentation = "mirror";
    private int minArea = 16;
    private double validationShare = 0.1;
    private boolean publicObjective;
    private boolean squaredQualityLoss;
    private List<String> frozen = List.of();
    private double blend = 1;
    private long cacheBytes = -1;
    private double maxHours;
    private long seed = 1;

    /** The defaults. */
    public TrainingOptions() {}

    /** A copy of other options, which may change then. */
    TrainingOptions(TrainingOptions other) {
        epochs = other.epochs;
        steps = other.steps;
        patience = other.patience;
        batch = other.batch;
        accumulate = other.accumulate;
        objects = other.objects;
        objectsAtOnce = other.objectsAtOnce;
        boxShare = other.boxShare;
        corrections = other.corrections;
        learningRate = other.learningRate;
        warmUp = other.warmUp;
        weightDecay = other.weightDecay;
        clip = other.clip;
        augmentation = other.augmentation;
        minArea = other.minArea;
        validationShare = other.validationShare;
        publicObjective = other.publicObjective;
        squaredQualityLoss = other.squaredQualityLoss;
        frozen = other.frozen;
        blend = other.blend;
        cacheBytes = other.cacheBytes;
        maxHours = other.maxHours;
        seed = other.seed;
    }

    /**
     * The settings of the public training recipe where they differ: seven corrections, its augmentations and rate, no
     * warm-up, and objects called absent get no mask gradient.
     */
    public TrainingOptions publicRecipe() {
        publicObjective = true;
        return corrections(7)
                .augmentation("public")
                .learningRate(5e-6)
                .warmUp(0)
                .weightDecay(0.1)
                .clip(0.1);
    }

    /** Passes over all pictures, 20. */
    public TrainingOptions epochs(int count) {
        epochs = (int) positive("epochs", count);
        return this;
    }

    /** Steps of the optimiser after which the run ends whatever the epochs; 0, the default, for none. */
    public TrainingOptions steps(long count) {
        steps = (long) notNegative("steps", count);
        return this;
    }

    /** Epochs without a better validation after which the run stops, 5; 0 never stops it. */
    public TrainingOptions patience(int count) {
        patience = (int) notNegative("patience", count);
        return this;
    }

    /** Pictures that are looked at together, 2. */
    public TrainingOptions batch(int pictures) {
        batch = (int) positive("batch", pictures);
        return this;
    }

    /** Batches whose gradients make one step, 1: larger steps without more memory. */
    public TrainingOptions accumulate(int batches) {
        accumulate = (int) positive("accumulate", batches);
        return this;
    }

    /** Objects drawn of each picture in each epoch, 8. */
    public TrainingOptions objects(int count) {
        objects = (int) positive("objects", count);
        return this;
    }

    /** Objects that are in memory at once, 2: more cost memory and save no time; results differ by rounding only. */
    public TrainingOptions objectsAtOnce(int count) {
        objectsAtOnce = (int) positive("objects at once", count);
        return this;
    }

    /** How often a box is the first prompt, 0.5; otherwise it is a click. */
    public TrainingOptions boxShare(double share) {
        boxShare = share("share of boxes", share);
        return this;
    }

    /** Clicks after the first prompt, each on what is still wrong, 3. */
    public TrainingOptions corrections(int count) {
        corrections = (int) notNegative("corrections", count);
        return this;
    }

    /** Rate of the first step after the warm-up, 1e-4; it falls to a tenth of it along a cosine. */
    public TrainingOptions learningRate(double rate) {
        learningRate = positive("learning rate", rate);
        return this;
    }

    /** Share of the steps in which the rate rises from 0, 0.05. */
    public TrainingOptions warmUp(double share) {
        warmUp = share("warm-up", share);
        return this;
    }

    /** Decay of weights that are neither biases nor norms of tokens, 0.1. */
    public TrainingOptions weightDecay(double decay) {
        weightDecay = notNegative("weight decay", decay);
        return this;
    }

    /** Longest gradient, all parameters together, 0.1. */
    public TrainingOptions clip(double norm) {
        clip = positive("clip", norm);
        return this;
    }

    /** What pictures undergo: {@code none}, {@code mirror} (the default), {@code light} or {@code public}. */
    public TrainingOptions augmentation(String kind) {
        String name = kind.toLowerCase(Locale.ROOT);
        if (!List.of("none", "mirror", "light", "public").contains(name)) {
            throw new IllegalArgumentException(
                    "augmentation: expected none, mirror, light or public, got \"" + kind + "\"");
        }
        augmentation = name;
        return this;
    }

    /** Pixels that an object must have in the model's square picture, 16; smaller ones are left out. */
    public TrainingOptions minArea(int pixels) {
        minArea = (int) positive("smallest area", pixels);
        return this;
    }

    /** Share of the pictures that only validate, 0.1, if no others are given for that. */
    public TrainingOptions validationShare(double share) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException(
                    "share of validation: expected at least 0 and less than 1, got " + shown(share));
        }
        this.validationShare = share;
        return this;
    }

    /** Whether objects that the model calls absent get no mask gradient, as in the public code; off. */
    public TrainingOptions publicObjective(boolean on) {
        publicObjective = on;
        return this;
    }

    /** Whether the predicted quality is trained by squared instead of absolute errors; off. */
    public TrainingOptions squaredQualityLoss(boolean on) {
        squaredQualityLoss = on;
        return this;
    }

    /** Names of parameters that do not train, in which {@code *} stands for anything; besides the encoder, none. */
    public TrainingOptions frozen(List<String> patterns) {
        frozen = List.copyOf(patterns);
        return this;
    }

    /** How far the weights written go from the old to the trained ones, 1; less forgets less and learns less. */
    public TrainingOptions blend(double share) {
        blend = share("blend", share);
        return this;
    }

    /** Bytes on disk for features of pictures; -1, the default, is a fifth of what is free. */
    public TrainingOptions cacheBytes(long bytes) {
        cacheBytes = bytes;
        return this;
    }

    /** Hours after which the run stops as if it had come to its end; 0, the default, for none. */
    public TrainingOptions maxHours(double hours) {
        maxHours = notNegative("hours", hours);
        return this;
    }

    /** What all chance comes from, 1: equal seeds give equal weights. */
    public TrainingOptions seed(long value) {
        seed = value;
        return this;
    }

    /** See {@link #epochs(int)}. */
    public int epochs() {
        return epochs;
    }

    /** See {@link #steps(long)}. */
    public long steps() {
        return steps;
    }

    /** See {@link #patience(int)}. */
    public int patience() {
        return patience;
    }

    /** See {@link #batch(int)}. */
    public int batch() {
        return batch;
    }

    /** See {@link #accumulate(int)}. */
    public int accumulate() {
        return accumulate;
    }

    /** See {@link #objects(int)}. */
    public int objects() {
        return objects;
    }

    /** See {@link #objectsAtOnce(int)}. */
    public int objectsAtOnce() {
        return objectsAtOnce;
    }

    /** See {@link #boxShare(double)}. */
    public double boxShare() {
        return boxShare;
    }

    /** See {@link #corrections(int)}. */
    public int corrections() {
        return corrections;
    }

    /** See {@link #learningRate(double)}. */
    public double learningRate() {
        return learningRate;
    }

    /** See {@link #warmUp(double)}. */
    public double warmUp() {
        return warmUp;
    }

    /** See {@link #weightDecay(double)}. */
    public double weightDecay() {
        return weightDecay;
    }

    /** See {@link #clip(double)}. */
    public double clip() {
        return clip;
    }

    /** See {@link #augmentation(String)}. */
    public String augmentation() {
        return augmentation;
    }

    /** See {@link #minArea(int)}. */
    public int minArea() {
        return minArea;
    }

    /** See {@link #validationShare(double)}. */
    public double validationShare() {
        return validationShare;
    }

    /** See {@link #publicObjective(boolean)}. */
    public boolean publicObjective() {
        return publicObjective;
    }

    /** See {@link #squaredQualityLoss(boolean)}. */
    public boolean squaredQualityLoss() {
        return squaredQualityLoss;
    }

    /** See {@link #frozen(List)}. */
    public List<String> frozen() {
        return frozen;
    }

    /** See {@link #blend(double)}. */
    public double blend() {
        return blend;
    }

    /** See {@link #cacheBytes(long)}. */
    public long cacheBytes() {
        return cacheBytes;
    }

    /** See {@link #maxHours(double)}. */
    public double maxHours() {
        return maxHours;
    }

    /** See {@link #seed(long)}. */
    public long seed() {
        return seed;
    }

    /**
     * What the weights depend on, in words: a run may be resumed with equal ones. How long it may take and where
     * features are kept is not among them.
     */
    Map<String, String> decisive() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("epochs", Integer.toString(epochs));
        all.put("steps", steps == 0 ? "all" : Long.toString(steps));
        all.put("patience", Integer.toString(patience));
        all.put("batch", batch + (batch == 1 ? " picture" : " pictures"));
        all.put("accumulate", Integer.toString(accumulate));
        all.put("objects of a picture", Integer.toString(objects));
        all.put("objects at once", Integer.toString(objectsAtOnce));
        all.put("boxes", Double.toString(boxShare));
        all.put("corrections", Integer.toString(corrections));
        all.put("learning rate", Double.toString(learningRate));
        all.put("warm-up", Double.toString(warmUp));
        all.put("weight decay", Double.toString(weightDecay));
        all.put("clip", Double.toString(clip));
        all.put("augmentation", augmentation);
        all.put("smallest area", Integer.toString(minArea));
        all.put("validation", Double.toString(validationShare));
        all.put("absent objects", publicObjective ? "no mask gradient" : "as others");
        all.put("quality loss", squaredQualityLoss ? "squared" : "absolute");
        all.put("frozen", String.join(", ", frozen));
        all.put("seed", Long.toString(seed));
        return all;
    }

    private static double positive(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + ": expected a positive number, got " + shown(value));
        }
        return value;
    }

    private static double notNegative(String what, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + ": must not be negative, got " + shown(value));
        }
        return value;
    }

    private static double share(String what, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(what + ": expected a number from 0 to 1, got " + shown(value));
        }
        return value;
    }

    private static String shown(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) : "" + value;
    }
}
