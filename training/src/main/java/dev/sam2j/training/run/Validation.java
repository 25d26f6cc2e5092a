package dev.sam2j.training.run;

import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.PredictOptions;
import dev.sam2j.predictors.PredictedMask;
import dev.sam2j.predictors.Prediction;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.model.EncodedPicture;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.training.objective.Click;
import dev.sam2j.training.objective.ClickSampler;
import java.util.ArrayList;
import java.util.List;

/**
 * Scores a model as people use it: with the inference code, by clicks and boxes without chance, on the model's square
 * picture.
 */
final class Validation {
    private final ImagePredictor predictor;
    private final int corrections;

    /**
     * With a predictor of the model to score.
     *
     * @param corrections clicks after the first
     */
    Validation(ImagePredictor predictor, int corrections) {
        this.predictor = predictor;
        this.corrections = corrections;
    }

    /** What one object gets, and the mask of its click. */
    record Scored(ObjectScore score, Mask mask) {}

    /**
     * Scores a picture.
     *
     * @param encoded the picture as a square of the truth's size
     */
    List<Scored> score(EncodedPicture encoded, MaskTruth truth) {
        ClickSampler clicks = new ClickSampler(truth.size());
        long[] nothing = new long[truth.bits().length == 0 ? 0 : truth.bits()[0].length];
        List<Prompt> first = new ArrayList<>();
        List<Prompt> boxes = new ArrayList<>();
        for (long[] bits : truth.bits()) {
            first.add(with(Prompt.NONE, clicks.deliberate(bits, nothing)));
            Click[] box = clicks.box(bits);
            boxes.add(Prompt.box(box[0].x(), box[0].y(), box[1].x(), box[1].y()));
        }
        List<Prediction> clicked = predictor.predict(encoded, first, PredictOptions.DEFAULT);
        List<Prediction> boxed = predictor.predict(encoded, boxes, PredictOptions.SINGLE);
        List<Mask> corrected = corrected(encoded, truth, clicks, first, clicked);
        List<Scored> scores = new ArrayList<>();
        for (int i = 0; i < truth.objects(); i++) {
            Mask mask = Mask.of(truth.size(), truth.size(), truth.bits()[i]);
            PredictedMask best = clicked.get(i).best();
            double click = mask.iou(best.mask());
            scores.add(new Scored(
                    new ObjectScore(
                            truth.areas()[i],
                            click,
                            clicked.get(i).masks().stream()
                                    .mapToDouble(one -> mask.iou(one.mask()))
                                    .max()
                                    .orElseThrow(),
                            2.0
                                    * mask.intersectionArea(best.mask())
                                    / (mask.area() + best.mask().area()),
                            mask.iou(boxed.get(i).best().mask()),
                            mask.iou(corrected.get(i)),
                            Math.abs(best.score() - click)),
                    best.mask()));
        }
        return scores;
    }

    /** Masks after all corrections: each click goes to the middle of the largest error that is left. */
    private List<Mask> corrected(
            EncodedPicture encoded,
            MaskTruth truth,
            ClickSampler clicks,
            List<Prompt> first,
            List<Prediction> clicked) {
        List<Prompt> prompts = new ArrayList<>(first);
        List<PredictedMask> current =
                new ArrayList<>(clicked.stream().map(Prediction::best).toList());
        for (int k = 0; k < corrections; k++) {
            for (int i = 0; i < prompts.size(); i++) {
                PredictedMask last = current.get(i);
                Click click = clicks.deliberate(truth.bits()[i], last.mask().toBits());
                prompts.set(i, with(prompts.get(i), click).withMask(last.lowRes()));
            }
            List<Prediction> predictions = predictor.predict(encoded, prompts, PredictOptions.SINGLE);
            current.clear();
            predictions.forEach(prediction -> current.add(prediction.best()));
        }
        return current.stream().map(PredictedMask::mask).toList();
    }

    private static Prompt with(Prompt prompt, Click click) {
        return click.label() == 0 ? prompt.withoutPoint(click.x(), click.y()) : prompt.withPoint(click.x(), click.y());
    }
}
