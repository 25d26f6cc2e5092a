package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.pictures.ResampleTaps;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.MaskLossSums;
import dev.sam2j.tensor.training.MaskTruth;

/** The losses of masks on enlarged logits, without the enlarged map. */
final class MaskLoss {
    private final Rows logits;
    private final int height;
    private final int masks;
    private final int masksOfObject;
    private final MaskTruth truth;
    private final float alpha;
    private final float gamma;
    private final ResampleTaps vertical;
    private final ResampleTaps horizontal;

    MaskLoss(Tensor logits, MaskTruth truth, float alpha, float gamma) {
        this.logits = rows(logits);
        this.height = logits.dim(2);
        this.masks = logits.dim(0) * logits.dim(1);
        this.masksOfObject = logits.dim(1);
        this.truth = truth;
        this.alpha = alpha;
        this.gamma = gamma;
        this.vertical = ResampleTaps.bilinear(height, truth.size());
        this.horizontal = ResampleTaps.bilinear(logits.dim(3), truth.size());
    }

    MaskLossSums[] sums() {
        MaskLossSums[] sums = new MaskLossSums[masks];
        for (int mask = 0; mask < masks; mask++) {
            sums[mask] = sums(mask);
        }
        return sums;
    }

    private MaskLossSums sums(int mask) {
        double focal = 0;
        double probability = 0;
        double agreement = 0;
        long intersection = 0;
        long union = 0;
        for (int y = 0; y < truth.size(); y++) {
            for (int x = 0; x < truth.size(); x++) {
                double logit = logit(mask, y, x);
                boolean t = truth(mask, y, x);
                double p = 1 / (1 + Math.exp(-logit));
                focal += focal(logit, t);
                probability += p;
                agreement += t ? p : 0;
                intersection += logit > 0 && t ? 1 : 0;
                union += logit > 0 || t ? 1 : 0;
            }
        }
        return new MaskLossSums(focal, probability, agreement, intersection, union);
    }

    /** Adds to dLogits, see {@code TrainingOps}. */
    void backward(double[] focal, double[] probability, double[] agreement, Tensor tensorDLogits) {
        Rows dLogits = rows(tensorDLogits);
        for (int mask = 0; mask < masks; mask++) {
            if (focal[mask] == 0 && probability[mask] == 0 && agreement[mask] == 0) {
                continue;
            }
            for (int y = 0; y < truth.size(); y++) {
                for (int x = 0; x < truth.size(); x++) {
                    double logit = logit(mask, y, x);
                    boolean t = truth(mask, y, x);
                    double p = 1 / (1 + Math.exp(-logit));
                    double slope = p * (1 - p);
                    double dX =
                            focal[mask] * dFocal(logit, t) + (probability[mask] + (t ? agreement[mask] : 0)) * slope;
                    add(dLogits, mask, y, x, dX);
                }
            }
        }
    }

    private double focal(double x, boolean t) {
        double error = 1 / (1 + Math.exp(t ? x : -x));
        return (t ? alpha : 1 - alpha) * Math.pow(error, gamma) * crossEntropy(x, t);
    }

    private double dFocal(double x, boolean t) {
        double error = 1 / (1 + Math.exp(t ? x : -x));
        double factor = (t ? -alpha : 1 - alpha) * Math.pow(error, gamma);
        return factor * (error + gamma * (1 - error) * crossEntropy(x, t));
    }

    private static double crossEntropy(double x, boolean t) {
        return Math.max(x, 0) - (t ? x : 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    private boolean truth(int mask, int y, int x) {
        int i = y * truth.size() + x;
        return (truth.bits()[mask / masksOfObject][i / 64] >>> i % 64 & 1) != 0;
    }

    private double logit(int mask, int y, int x) {
        double sum = 0;
        for (int a = 2 * y; a < 2 * y + 2; a++) {
            int row = logits.at(mask * height + vertical.source[a]);
            for (int b = 2 * x; b < 2 * x + 2; b++) {
                sum += (double) vertical.weight[a] * horizontal.weight[b] * logits.data()[row + horizontal.source[b]];
            }
        }
        return sum;
    }

    private void add(Rows dLogits, int mask, int y, int x, double dX) {
        for (int a = 2 * y; a < 2 * y + 2; a++) {
            int row = dLogits.at(mask * height + vertical.source[a]);
            for (int b = 2 * x; b < 2 * x + 2; b++) {
                dLogits.data()[row + horizontal.source[b]] +=
                        (float) ((double) vertical.weight[a] * horizontal.weight[b] * dX);
            }
        }
    }
}
