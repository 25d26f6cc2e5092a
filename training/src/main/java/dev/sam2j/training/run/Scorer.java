package dev.sam2j.training.run;

import dev.sam2j.hiera.StageBuffer;
import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.model.EncodedPicture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.model.PictureEncoder;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.training.data.DataSet;
import dev.sam2j.training.data.TrainingItem;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Scores weights on pictures, whose features all weights share: the encoder is not trained. */
final class Scorer {
    /** Objects of a picture that are predicted together: their masks and logits are in memory. */
    private static final int OBJECTS_AT_ONCE = 16;

    private final LoadedModel model;
    private final Features features;
    private final int corrections;

    /**
     * A scorer.
     *
     * @param model gives configuration and backend
     * @param features of the pictures
     * @param corrections clicks after the first
     */
    Scorer(LoadedModel model, Features features, int corrections) {
        this.model = model;
        this.features = features;
        this.corrections = corrections;
    }

    /** Sees what a picture's objects got, in the order of the sample. */
    @FunctionalInterface
    interface Visitor {
        void visit(int index, TrainingItem item, List<Validation.Scored> objects);
    }

    /**
     * Scores all pictures of a data set.
     *
     * @param progress hears of pictures that are done, and of how many there are
     */
    List<PictureScore> score(WeightSource weights, DataSet data, BiConsumer<Integer, Integer> progress) {
        List<PictureScore> scores = new ArrayList<>();
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < data.size(); i++) {
            all.add(i);
        }
        visit(weights, data, all, (index, item, objects) -> {
            scores.add(new PictureScore(
                    index, objects.stream().map(Validation.Scored::score).toList()));
            progress.accept(scores.size(), data.size());
        });
        return scores;
    }

    /** Shows what some pictures' objects get. */
    void visit(WeightSource weights, DataSet data, List<Integer> pictures, Visitor visitor) {
        int size = model.config().imageSize();
        try (LoadedModel live = LoadedModel.of(model.name(), model.config(), weights, model.backend());
                ImagePredictor predictor = new ImagePredictor(live);
                Ops ops = new Ops(live.backend());
                PictureEncoder encoder = new PictureEncoder(live, ops);
                StageBuffer buffer = features.allocate()) {
            Validation validation = new Validation(predictor, corrections);
            for (int index : pictures) {
                TrainingItem item = TrainingItem.plain(data.samples().get(index), index, size);
                features.load(item, buffer);
                try (EncodedPicture encoded = encoder.encode(buffer.features(), size, size)) {
                    MaskTruth truth = truth(size, item);
                    List<Validation.Scored> objects = new ArrayList<>();
                    for (int from = 0; from < truth.objects(); from += OBJECTS_AT_ONCE) {
                        int to = Math.min(from + OBJECTS_AT_ONCE, truth.objects());
                        objects.addAll(validation.score(encoded, truth.slice(from, to)));
                    }
                    visitor.visit(index, item, objects);
                }
            }
        }
    }

    /** The true masks of a picture's objects. */
    static MaskTruth truth(int size, TrainingItem item) {
        return MaskTruth.of(size, item.masks().stream().map(Mask::toBits).toArray(long[][]::new));
    }
}
