package dev.sam2j.tensor.reference;

import static dev.sam2j.tensor.reference.ArrayStorage.get;

import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.reference.ReferenceResampling.Taps;
import dev.sam2j.tensor.training.MaskLossSums;
import dev.sam2j.tensor.training.MaskTruth;

/** The losses of masks by their definitions, pixel by pixel of the enlarged logits. */
final class ReferenceMaskLoss {
    /** Takes an enlarged pixel: mask i, truth t, logit x, and where x came from. */
    private interface Pixel {
        void accept(int mask, boolean t, double x, int firstRow, Taps vertical, Taps horizontal);
    }

    private ReferenceMaskLoss() {}

    private static void forEachPixel(Tensor logits, MaskTruth truth, Pixel body) {
        int height = logits.dim(2);
        Taps[] rows = ReferenceResampling.taps(Interpolation.BILINEAR, height, truth.size());
        Taps[] columns = ReferenceResampling.taps(Interpolation.BILINEAR, logits.dim(3), truth.size());
        for (int mask = 0; mask < logits.dim(0) * logits.dim(1); mask++) {
            long[] bits = truth.bits()[mask / logits.dim(1)];
            for (int i = 0; i < truth.size() * truth.size(); i++) {
                Taps vertical = rows[i / truth.size()];
                Taps horizontal = columns[i % truth.size()];
                double x = 0;
                for (int a = 0; a < 2; a++) {
                    for (int b = 0; b < 2; b++) {
                        double logit = get(
                                logits,
                                mask * height + vertical.source()[a],
                                horizontal.source()[b]);
                        x += vertical.weight()[a] * horizontal.weight()[b] * logit;
                    }
                }
                boolean t = (bits[i / 64] >>> i % 64 & 1) != 0;
                body.accept(mask, t, x, mask * height, vertical, horizontal);
            }
        }
    }

    static MaskLossSums[] sums(Tensor logits, MaskTruth truth, double alpha, double gamma) {
        double[][] sums = new double[logits.dim(0) * logits.dim(1)][5];
        forEachPixel(logits, truth, (mask, t, x, firstRow, vertical, horizontal) -> {
            double p = probability(x);
            sums[mask][0] += (t ? alpha : 1 - alpha) * Math.pow(t ? probability(-x) : p, gamma) * crossEntropy(x, t);
            sums[mask][1] += p;
            sums[mask][2] += t ? p : 0;
            sums[mask][3] += x > 0 && t ? 1 : 0;
            sums[mask][4] += x > 0 || t ? 1 : 0;
        });
        MaskLossSums[] result = new MaskLossSums[sums.length];
        for (int i = 0; i < sums.length; i++) {
            result[i] = new MaskLossSums(sums[i][0], sums[i][1], sums[i][2], (long) sums[i][3], (long) sums[i][4]);
        }
        return result;
    }

    static void backward(
            Tensor logits,
            MaskTruth truth,
            double alpha,
            double gamma,
            double[] focal,
            double[] probability,
            double[] agreement,
            Tensor dLogits) {
        double[][] sums = new double[logits.rows()][logits.cols()];
        forEachPixel(logits, truth, (mask, t, x, firstRow, vertical, horizontal) -> {
            if (focal[mask] == 0 && probability[mask] == 0 && agreement[mask] == 0) {
                return;
            }
            double slope = probability(x) * probability(-x);
            double error = t ? probability(-x) : probability(x);
            double factor = (t ? -alpha : 1 - alpha) * Math.pow(error, gamma);
            double dFocal = factor * (error + gamma * (1 - error) * crossEntropy(x, t));
            double dX = focal[mask] * dFocal + probability[mask] * slope + (t ? agreement[mask] * slope : 0);
            for (int a = 0; a < 2; a++) {
                for (int b = 0; b < 2; b++) {
                    double weight = vertical.weight()[a] * horizontal.weight()[b];
                    sums[firstRow + vertical.source()[a]][horizontal.source()[b]] += weight * dX;
                }
            }
        });
        ReferenceTraining.addAll(dLogits, sums);
    }

    private static double probability(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double crossEntropy(double x, boolean t) {
        return Math.max(x, 0) - (t ? x : 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }
}
