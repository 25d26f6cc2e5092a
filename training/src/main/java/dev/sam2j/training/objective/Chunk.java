package dev.sam2j.training.objective;

import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.training.grad.GradOps;
import dev.sam2j.training.grad.Tape;
import dev.sam2j.training.grad.Var;
import dev.sam2j.training.model.PictureVars;
import dev.sam2j.training.model.Points;
import dev.sam2j.training.model.Prediction;
import dev.sam2j.training.model.TrainableSam2;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Objects of one picture that are in memory together: all their prediction steps. */
final class Chunk {
    /** Logits of objects that are called absent. */
    private static final float ABSENT = -1024;

    private final TrainableSam2 model;
    private final ObjectiveOptions options;
    private final Batch batch;
    private final int from;
    private final int objects;
    private final int side;
    private final MaskTruth truth;
    private final List<List<Click>> clicks = new ArrayList<>();
    private final Tape tape;
    private final GradOps ops;

    /** Objects {@code from} (inclusive) to {@code to} (exclusive) of a batch, on a tape of their own. */
    Chunk(TrainableSam2 model, ObjectiveOptions options, Batch batch, int from, int to, Tape tape) {
        this.model = model;
        this.options = options;
        this.batch = batch;
        this.from = from;
        this.objects = to - from;
        this.side = model.config().lowResMaskSize();
        this.truth = batch.truth().slice(from, to);
        batch.prompts().first().subList(from, to).forEach(first -> clicks.add(new ArrayList<>(first)));
        this.tape = tape;
        this.ops = new GradOps(tape);
    }

    /** Computes all steps and their losses; gradients are added when the tape goes back. */
    void forward(PictureVars picture, List<StepSum> sums, StepObserver observer, boolean checkpoints) {
        Var previous = null;
        for (int step = 0; step < sums.size(); step++) {
            Prediction prediction = predict(picture, previous, checkpoints);
            int number = step;
            observer.prediction(number, from, prediction, false);
            tape.onBackward(() -> observer.prediction(number, from, prediction, true));
            StepSum sum = sums.get(step);
            sum.decide(from, host(prediction.objectScore()), host(prediction.iou()));
            boolean[] trained = sum.present(from, from + objects);
            if (options.keepAbsentLogits()) {
                Arrays.fill(trained, true);
            }
            Var masks = ops.where(trained, prediction.masks(), ABSENT);
            score(prediction, masks, trained, sum);
            if (step < sums.size() - 1) {
                previous = chosen(masks, sum.bestQuality(from, from + objects));
                correct(step, previous.value());
            }
        }
    }

    private Prediction predict(PictureVars picture, Var previous, boolean checkpoints) {
        Points points = points();
        if (!checkpoints) {
            return model.predict(tape, picture, points, previous);
        }
        Var[] results = tape.checkpoint(again -> {
            Prediction prediction = model.predict(again, picture, points, previous);
            return new Var[] {prediction.masks(), prediction.iou(), prediction.objectScore()};
        });
        return new Prediction(results[0], results[1], results[2]);
    }

    private Points points() {
        int count = clicks.get(0).size();
        float[] coordinates = new float[2 * objects * count];
        int[] labels = new int[objects * count];
        for (int object = 0; object < objects; object++) {
            for (int i = 0; i < count; i++) {
                Click click = clicks.get(object).get(i);
                int at = object * count + i;
                coordinates[2 * at] = click.x();
                coordinates[2 * at + 1] = click.y();
                labels[at] = click.label();
            }
        }
        return new Points(objects, coordinates, labels);
    }

    private float[] host(Var x) {
        float[] values = new float[Math.toIntExact(x.value().shape().elements())];
        tape.backend().download(x.value(), values, 0);
        return values;
    }

    private void score(Prediction prediction, Var masks, boolean[] trained, StepSum sum) {
        int[] bestLoss = new int[objects];
        Var grid = masks.reshape(objects, masks.dim(1), side, side);
        MaskObjective.Scored scored =
                new MaskObjective.Scored(grid, prediction.iou(), prediction.objectScore(), trained, truth);
        Losses losses = new MaskObjective(options).add(tape, scored, batch.objects(), bestLoss);
        sum.add(from, bestLoss, losses);
    }

    /** One mask of each object, (n, 1, h*w). */
    private Var chosen(Var masks, int[] choice) {
        int count = masks.dim(1);
        List<GradOps.Rows> rows = new ArrayList<>();
        for (int object = 0; object < objects; object++) {
            rows.add(new GradOps.Rows(masks, object * count + choice[object], 1));
        }
        return ops.gather(rows, objects, 1, masks.dim(2));
    }

    private void correct(int correction, Tensor predicted) {
        int size = truth.size();
        for (int object = 0; object < objects; object++) {
            Tensor logits = predicted.slice(object, object + 1).reshape(side, side);
            clicks.get(object)
                    .add(batch.prompts()
                            .corrector()
                            .correct(
                                    from + object,
                                    correction,
                                    () -> tape.backend()
                                            .thresholdMask(logits, size, size, 0, 0, 0)
                                            .get()
                                            .bits()));
        }
    }
}
