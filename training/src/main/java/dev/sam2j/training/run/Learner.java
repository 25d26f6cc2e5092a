package dev.sam2j.training.run;

import dev.sam2j.hiera.StageBuffer;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.training.TrainingOptions;
import dev.sam2j.training.data.Draws;
import dev.sam2j.training.data.TrainingBatch;
import dev.sam2j.training.data.TrainingItem;
import dev.sam2j.training.objective.Batch;
import dev.sam2j.training.objective.BatchResult;
import dev.sam2j.training.objective.BatchStep;
import dev.sam2j.training.objective.Click;
import dev.sam2j.training.objective.ClickSampler;
import dev.sam2j.training.objective.Losses;
import dev.sam2j.training.objective.PromptPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Turns batches of pictures into gradients: gets their features, draws prompts, and runs forward and back. */
final class Learner implements AutoCloseable {
    private final BatchStep step;
    private final Features features;
    private final TrainingOptions options;
    private final int imageSize;
    private final ClickSampler clicks;
    private final List<StageBuffer> buffers = new ArrayList<>();

    /** Learns by {@code step}, which it closes. */
    Learner(BatchStep step, Features features, TrainingOptions options, int imageSize) {
        this.step = step;
        this.features = features;
        this.options = options;
        this.imageSize = imageSize;
        this.clicks = new ClickSampler(imageSize);
    }

    /**
     * What one or several batches came to.
     *
     * @param losses means over the batches
     * @param absent how often an object was called absent, over all prediction steps
     * @param objects in all batches
     */
    record Learned(Losses losses, int absent, int objects) {}

    /** Adds the gradients of batches to those of the parameters. */
    Learned learn(List<TrainingBatch> batches) {
        Losses sum = Losses.NONE;
        int absent = 0;
        int objects = 0;
        for (TrainingBatch batch : batches) {
            BatchResult result = step.run(prepare(batch));
            sum = sum.plus(result.losses());
            absent += result.absent();
            objects += batch.objects();
        }
        return new Learned(sum.scaled(1.0 / batches.size()), absent, objects);
    }

    /** The most memory that activations have taken, in bytes. */
    long mostUsedBytes() {
        return step.mostUsedBytes();
    }

    private Batch prepare(TrainingBatch batch) {
        List<TrainingItem> items = batch.items();
        while (buffers.size() < items.size()) {
            buffers.add(features.allocate());
        }
        List<Integer> pictureOf = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            features.load(items.get(i), buffers.get(i));
            pictureOf.addAll(Collections.nCopies(items.get(i).objects().length, i));
        }
        List<long[]> truth = truth(batch);
        return new Batch(
                buffers.subList(0, items.size()).stream()
                        .map(StageBuffer::features)
                        .toList(),
                pictureOf.stream().mapToInt(Integer::intValue).toArray(),
                MaskTruth.of(imageSize, truth.toArray(long[][]::new)),
                prompts(batch, truth));
    }

    /** The first prompts of a batch's objects. */
    List<List<Click>> firstPrompts(TrainingBatch batch) {
        return prompts(batch, truth(batch)).first();
    }

    private List<long[]> truth(TrainingBatch batch) {
        return batch.items().stream()
                .flatMap(item -> Arrays.stream(Scorer.truth(imageSize, item).bits()))
                .toList();
    }

    /** Boxes or clicks for all objects of a batch, and corrections on what is predicted wrongly. */
    private PromptPlan prompts(TrainingBatch batch, List<long[]> truth) {
        boolean boxes = draws(batch, "kind of prompt").nextDouble() < options.boxShare();
        boolean[] ignores = new boolean[options.corrections()];
        for (int k = 0; k < ignores.length; k++) {
            ignores[k] = ClickSampler.ignoresPrediction(draws(batch, "ignored prediction " + k));
        }
        List<List<Click>> first = new ArrayList<>();
        List<TrainingItem> itemOf = new ArrayList<>();
        List<Integer> objectOf = new ArrayList<>();
        for (TrainingItem item : batch.items()) {
            for (int object : item.objects()) {
                var random = draws(batch, item, "prompt of object " + object);
                long[] mask = truth.get(first.size());
                first.add(boxes ? List.of(clicks.box(mask, random)) : List.of(clicks.click(mask, random)));
                itemOf.add(item);
                objectOf.add(object);
            }
        }
        return new PromptPlan(first, options.corrections(), (object, correction, predicted) -> {
            long[] mask = truth.get(object);
            String purpose = "correction " + correction + " of object " + objectOf.get(object);
            return clicks.correction(
                    mask,
                    ignores[correction] ? new long[mask.length] : predicted.get(),
                    draws(batch, itemOf.get(object), purpose));
        });
    }

    /** Chance that concerns a batch as a whole. */
    private SplittableRandom draws(TrainingBatch batch, String purpose) {
        return Draws.of(options.seed(), batch.epoch(), batch.number(), "batch: " + purpose);
    }

    private SplittableRandom draws(TrainingBatch batch, TrainingItem item, String purpose) {
        return Draws.of(options.seed(), batch.epoch(), item.index(), purpose);
    }

    @Override
    public void close() {
        buffers.forEach(StageBuffer::close);
        step.close();
    }
}
