package dev.sam2j.training.objective;

import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.MaskLossSums;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.tensor.training.TrainingOps;
import dev.sam2j.training.grad.Tape;
import dev.sam2j.training.grad.Var;
import java.util.Arrays;

/**
 * The loss of a prediction step: of each object's best mask the focal loss (Lin et al., Focal Loss for Dense Object
 * Detection, 2017) and the dice loss (Milletari et al., V-Net, 2016) of its logits enlarged to the true mask's size,
 * the error of the predicted qualities, and the cross entropy of the object's presence. Objects without a pixel count
 * for their presence only.
 */
final class MaskObjective {
    private final ObjectiveOptions options;

    MaskObjective(ObjectiveOptions options) {
        this.options = options;
    }

    /**
     * Some objects of a batch in one step.
     *
     * @param masks logits (n, M, h, w)
     * @param iou predicted quality of each mask, (n, M)
     * @param objectScore (n, 1)
     * @param masksTrained for each object whether a gradient can reach its masks
     * @param truth their true masks
     */
    record Scored(Var masks, Var iou, Var objectScore, boolean[] masksTrained, MaskTruth truth) {}

    /**
     * Computes the losses and has {@code tape} add their gradients when it goes back.
     *
     * @param objects of the whole batch, by which losses are divided
     * @param bestLoss receives for each object the mask of the lowest loss
     */
    Losses add(Tape tape, Scored scored, int objects, int[] bestLoss) {
        TrainingOps training = tape.backend().training();
        int n = scored.truth.objects();
        int masks = scored.masks.dim(1);
        float[] iou = host(tape, scored.iou);
        float[] scores = host(tape, scored.objectScore);
        MaskLossSums[] sums =
                training.maskLoss(scored.masks.value(), scored.truth, options.focalAlpha(), options.focalGamma());
        Gradients gradients = new Gradients(n, masks);
        Losses losses = Losses.NONE;
        for (int object = 0; object < n; object++) {
            long area = scored.truth.areas()[object];
            double presence = presence(scores[object], area > 0, objects, gradients, object);
            Losses own = new Losses(0, 0, 0, presence, options.objectWeight() * presence);
            MaskLossSums[] candidates = Arrays.copyOfRange(sums, object * masks, (object + 1) * masks);
            bestLoss[object] = best(candidates, area, scored.truth.size());
            if (area > 0) {
                own = own.plus(masks(scored, candidates, bestLoss[object], object, objects, gradients));
                own = own.plus(quality(iou, candidates, bestLoss[object], object, objects, gradients));
            }
            losses = losses.plus(own);
        }
        tape.onBackward(() -> gradients.add(tape, scored, options));
        return losses;
    }

    private static float[] host(Tape tape, Var x) {
        float[] values = new float[Math.toIntExact(x.value().shape().elements())];
        tape.backend().download(x.value(), values, 0);
        return values;
    }

    /** {@code -log(sigmoid(s))} of an object that is there, {@code -log(1 - sigmoid(s))} of another. */
    private double presence(double score, boolean there, int objects, Gradients gradients, int object) {
        double z = there ? -score : score;
        double wrong = 1 / (1 + Math.exp(-z)); // without the cancellation of sigmoid(s) - 1
        gradients.score[object] = (float) (options.objectWeight() * (there ? -wrong : wrong) / objects);
        return (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))) / objects;
    }

    private int best(MaskLossSums[] candidates, long area, int size) {
        int best = 0;
        for (int m = 1; m < candidates.length; m++) {
            if (weighted(candidates[m], area, size) < weighted(candidates[best], area, size)) {
                best = m;
            }
        }
        return best;
    }

    private double weighted(MaskLossSums sums, long area, int size) {
        return options.maskWeight() * focal(sums, size) + options.diceWeight() * dice(sums, area);
    }

    private static double focal(MaskLossSums sums, int size) {
        return sums.focal() / ((double) size * size);
    }

    private static double dice(MaskLossSums sums, long area) {
        return 1 - (2 * sums.agreement() + 1) / (sums.probability() + area + 1);
    }

    private Losses masks(
            Scored scored, MaskLossSums[] candidates, int best, int object, int objects, Gradients gradients) {
        MaskLossSums sums = candidates[best];
        int size = scored.truth.size();
        long area = scored.truth.areas()[object];
        if (scored.masksTrained[object]) {
            int at = object * candidates.length + best;
            double union = sums.probability() + area + 1;
            gradients.focal[at] = options.maskWeight() / objects / ((double) size * size);
            gradients.agreement[at] = -2 * options.diceWeight() / objects / union;
            gradients.probability[at] = options.diceWeight() / objects * (2 * sums.agreement() + 1) / (union * union);
        }
        double focal = focal(sums, size) / objects;
        double dice = dice(sums, area) / objects;
        return new Losses(focal, dice, 0, 0, options.maskWeight() * focal + options.diceWeight() * dice);
    }

    private Losses quality(
            float[] iou, MaskLossSums[] candidates, int best, int object, int objects, Gradients gradients) {
        int counted = options.superviseAllIou() ? candidates.length : 1;
        double loss = 0;
        for (int m = 0; m < candidates.length; m++) {
            if (options.superviseAllIou() || m == best) {
                int at = object * candidates.length + m;
                double actual = (double) candidates[m].intersection() / Math.max(1, candidates[m].union());
                double error = iou[at] - actual;
                double slope = options.squaredIou() ? 2 * error : Math.signum(error);
                gradients.iou[at] = (float) (options.iouWeight() * slope / objects / counted);
                loss += options.squaredIou() ? error * error : Math.abs(error);
            }
        }
        loss /= (double) objects * counted;
        return new Losses(0, 0, loss, 0, options.iouWeight() * loss);
    }

    /** The gradient of the loss by the sums of each mask, by the predicted qualities and by the objects' scores. */
    private static final class Gradients {
        private final double[] focal;
        private final double[] probability;
        private final double[] agreement;
        private final float[] iou;
        private final float[] score;

        Gradients(int objects, int masks) {
            this.focal = new double[objects * masks];
            this.probability = new double[objects * masks];
            this.agreement = new double[objects * masks];
            this.iou = new float[objects * masks];
            this.score = new float[objects];
        }

        void add(Tape tape, Scored scored, ObjectiveOptions options) {
            tape.backend()
                    .training()
                    .maskLossBackward(
                            scored.masks.value(),
                            scored.truth,
                            options.focalAlpha(),
                            options.focalGamma(),
                            focal,
                            probability,
                            agreement,
                            scored.masks.gradient());
            add(tape, iou, scored.iou);
            add(tape, score, scored.objectScore);
        }

        private static void add(Tape tape, float[] values, Var x) {
            Tensor addend = tape.allocate(x.value().shape());
            tape.backend().upload(values, 0, addend);
            Tensor sum = x.gradient();
            tape.backend().add(sum, 1, addend, 1, sum);
        }
    }
}
