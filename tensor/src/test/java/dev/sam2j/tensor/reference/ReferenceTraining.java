package dev.sam2j.tensor.reference;

import static dev.sam2j.tensor.reference.ArrayStorage.add;
import static dev.sam2j.tensor.reference.ArrayStorage.get;
import static dev.sam2j.tensor.reference.ArrayStorage.set;
import static dev.sam2j.tensor.reference.ReferenceMath.element;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.AdamStep;
import dev.sam2j.tensor.training.MaskLossSums;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.tensor.training.TrainingOps;

/** The operations of training by their definitions; {@link ReferenceTrainingTest} holds adjoints to differences. */
final class ReferenceTraining implements TrainingOps {
    @Override
    public void fill(Tensor x, float value) {
        for (int r = 0; r < x.rows(); r++) {
            for (int c = 0; c < x.cols(); c++) {
                set(x, r, c, value);
            }
        }
    }

    @Override
    public PackedMatrix pack(Tensor matrix, boolean transposed) {
        int out = transposed ? matrix.cols() : matrix.rows();
        int in = transposed ? matrix.rows() : matrix.cols();
        double[] values = new double[out * in];
        for (int i = 0; i < values.length; i++) {
            values[i] = transposed ? get(matrix, i % in, i / in) : get(matrix, i / in, i % in);
        }
        return new ReferenceBackend.Matrix(values, out, in);
    }

    @Override
    public void outer(Tensor dY, Tensor x, Tensor dW) {
        for (int o = 0; o < dY.cols(); o++) {
            for (int i = 0; i < x.cols(); i++) {
                double sum = 0;
                for (int r = 0; r < dY.rows(); r++) {
                    sum += get(dY, r, o) * get(x, r, i);
                }
                add(dW, o, i, sum);
            }
        }
    }

    @Override
    public void multiply(Tensor a, Tensor b, Tensor c) {
        for (int m = 0; m < a.rows(); m++) {
            for (int k = 0; k < b.cols(); k++) {
                double sum = 0;
                for (int n = 0; n < a.cols(); n++) {
                    sum += get(a, m, n) * get(b, n, k);
                }
                add(c, m, k, sum);
            }
        }
    }

    @Override
    public void columnSums(Tensor dY, Tensor dBias) {
        for (int c = 0; c < dY.cols(); c++) {
            double sum = 0;
            for (int r = 0; r < dY.rows(); r++) {
                sum += get(dY, r, c);
            }
            addTo(dBias, c, sum);
        }
    }

    @Override
    public void sumRepeats(Tensor dY, Tensor dX) {
        for (int r = 0; r < dX.rows(); r++) {
            for (int c = 0; c < dX.cols(); c++) {
                double sum = 0;
                for (int repeat = r; repeat < dY.rows(); repeat += dX.rows()) {
                    sum += get(dY, repeat, c);
                }
                add(dX, r, c, sum);
            }
        }
    }

    @Override
    public void activationBackward(Activation function, Tensor saved, Tensor dY, Tensor dX) {
        for (int r = 0; r < dY.rows(); r++) {
            for (int c = 0; c < dY.cols(); c++) {
                add(dX, r, c, get(dY, r, c) * ReferenceMath.derivative(function, get(saved, r, c)));
            }
        }
    }

    @Override
    public void layerNormBackward(
            Tensor x, Tensor gamma, float eps, Tensor dY, Tensor dX, Tensor dGamma, Tensor dBeta) {
        int n = x.cols();
        double[][] sums = new double[2][n];
        for (int r = 0; r < x.rows(); r++) {
            double[] unit = new double[n];
            double factor = normalize(x, r, eps, unit);
            double mean = 0;
            double meanProduct = 0;
            for (int c = 0; c < n; c++) {
                double g = get(dY, r, c) * element(gamma, c);
                mean += g / n;
                meanProduct += g * unit[c] / n;
                sums[0][c] += get(dY, r, c) * unit[c];
                sums[1][c] += get(dY, r, c);
            }
            for (int c = 0; dX != null && c < n; c++) {
                double g = get(dY, r, c) * element(gamma, c);
                add(dX, r, c, factor * (g - mean - unit[c] * meanProduct));
            }
        }
        for (int c = 0; dGamma != null && c < n; c++) {
            addTo(dGamma, c, sums[0][c]);
            addTo(dBeta, c, sums[1][c]);
        }
    }

    /** Row r with mean 0 and variance 1, and the factor that brought it there. */
    private static double normalize(Tensor x, int r, double eps, double[] unit) {
        int n = unit.length;
        double mean = 0;
        for (int c = 0; c < n; c++) {
            mean += get(x, r, c) / n;
        }
        double variance = 0;
        for (int c = 0; c < n; c++) {
            unit[c] = get(x, r, c) - mean;
            variance += unit[c] * unit[c] / n;
        }
        double factor = 1 / Math.sqrt(variance + eps);
        for (int c = 0; c < n; c++) {
            unit[c] *= factor;
        }
        return factor;
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination, Tensor logSumExp) {
        new ReferenceAttention(q, k, v, spec, destination, logSumExp).run();
    }

    @Override
    public void attentionBackward(
            Tensor q,
            Tensor k,
            Tensor v,
            AttentionSpec spec,
            Tensor out,
            Tensor logSumExp,
            Tensor dOut,
            Tensor dQ,
            Tensor dK,
            Tensor dV) {
        double[][] sumsQ = new double[q.rows()][q.cols()];
        double[][] sumsK = new double[k.rows()][k.cols()];
        double[][] sumsV = new double[v.rows()][v.cols()];
        for (int row = 0; row < q.rows(); row++) {
            for (int head = 0; head < spec.heads(); head++) {
                attentionBackward(q, k, v, spec, row, head, dOut, sumsQ, sumsK, sumsV);
            }
        }
        addAll(dQ, sumsQ);
        addAll(dK, sumsK);
        addAll(dV, sumsV);
    }

    /** The adjoint for one query and head: of the weighted sum, of the softmax, of the scores. */
    private static void attentionBackward(
            Tensor q,
            Tensor k,
            Tensor v,
            AttentionSpec spec,
            int row,
            int head,
            Tensor dOut,
            double[][] dQ,
            double[][] dK,
            double[][] dV) {
        int entry = row / q.dim(1);
        int firstKey = k.dim(0) == 1 ? 0 : entry * k.dim(1);
        int firstValue = v.dim(0) == 1 ? 0 : entry * v.dim(1);
        int dk = q.cols() / spec.heads();
        int dv = v.cols() / spec.heads();
        double[] weights = weights(q, k, spec.scale(), row, firstKey, head * dk, dk);
        double[] dWeights = new double[weights.length];
        double mean = 0;
        for (int j = 0; j < weights.length; j++) {
            for (int c = head * dv; c < (head + 1) * dv; c++) {
                dWeights[j] += get(dOut, row, c) * get(v, firstValue + j, c);
                dV[firstValue + j][c] += weights[j] * get(dOut, row, c);
            }
            mean += weights[j] * dWeights[j];
        }
        for (int j = 0; j < weights.length; j++) {
            double dScore = weights[j] * (dWeights[j] - mean) * spec.scale();
            for (int c = head * dk; c < (head + 1) * dk; c++) {
                dQ[row][c] += dScore * get(k, firstKey + j, c);
                dK[firstKey + j][c] += dScore * get(q, row, c);
            }
        }
    }

    /** Softmax of the scores of one query. */
    private static double[] weights(Tensor q, Tensor k, double scale, int row, int firstKey, int column, int dk) {
        double[] weights = new double[k.dim(1)];
        double largest = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < weights.length; j++) {
            for (int c = column; c < column + dk; c++) {
                weights[j] += get(q, row, c) * get(k, firstKey + j, c) * scale;
            }
            largest = Math.max(largest, weights[j]);
        }
        double total = 0;
        for (int j = 0; j < weights.length; j++) {
            weights[j] = Math.exp(weights[j] - largest);
            total += weights[j];
        }
        for (int j = 0; j < weights.length; j++) {
            weights[j] /= total;
        }
        return weights;
    }

    @Override
    public void pixelShuffle(Tensor x, Tensor destination) {
        for (int r = 0; r < destination.rows(); r++) {
            for (int c = 0; c < destination.cols(); c++) {
                set(destination, r, c, get(x, cellRow(destination, r), cellColumn(destination, r, c)));
            }
        }
    }

    @Override
    public void pixelUnshuffle(Tensor x, Tensor destination) {
        for (int r = 0; r < x.rows(); r++) {
            for (int c = 0; c < x.cols(); c++) {
                set(destination, cellRow(x, r), cellColumn(x, r, c), get(x, r, c));
            }
        }
    }

    /** Row of the 2x2 cell of a pixel. */
    private static int cellRow(Tensor pixels, int row) {
        int width = pixels.dim(2);
        return row / width / 2 * (width / 2) + row % width / 2;
    }

    /** Column of a pixel's channel among those of its cell. */
    private static int cellColumn(Tensor pixels, int row, int channel) {
        int width = pixels.dim(2);
        return (row / width % 2 * 2 + row % width % 2) * pixels.cols() + channel;
    }

    @Override
    public MaskLossSums[] maskLoss(Tensor logits, MaskTruth truth, float alpha, float gamma) {
        return ReferenceMaskLoss.sums(logits, truth, alpha, gamma);
    }

    @Override
    public void maskLossBackward(
            Tensor logits,
            MaskTruth truth,
            float alpha,
            float gamma,
            double[] focal,
            double[] probability,
            double[] agreement,
            Tensor dLogits) {
        ReferenceMaskLoss.backward(logits, truth, alpha, gamma, focal, probability, agreement, dLogits);
    }

    @Override
    public void adamW(Tensor weight, Tensor gradient, Tensor mean, Tensor square, AdamStep step) {
        double meanCorrection = 1 - Math.pow(step.beta1(), step.step());
        double squareCorrection = 1 - Math.pow(step.beta2(), step.step());
        for (int r = 0; r < weight.rows(); r++) {
            for (int c = 0; c < weight.cols(); c++) {
                double g = get(gradient, r, c) * step.gradientScale();
                double m = step.beta1() * get(mean, r, c) + (1 - step.beta1()) * g;
                double v = step.beta2() * get(square, r, c) + (1 - step.beta2()) * g * g;
                double w = get(weight, r, c) * (1 - step.rate() * step.weightDecay());
                set(mean, r, c, m);
                set(square, r, c, v);
                double root = Math.sqrt(v) / Math.sqrt(squareCorrection);
                set(weight, r, c, w - step.rate() / meanCorrection * m / (root + step.eps()));
            }
        }
    }

    @Override
    public double squaredNorm(Tensor x) {
        double sum = 0;
        for (int r = 0; r < x.rows(); r++) {
            for (int c = 0; c < x.cols(); c++) {
                sum += get(x, r, c) * get(x, r, c);
            }
        }
        return sum;
    }

    /** Adds to all elements of a tensor, unless that is null. */
    static void addAll(Tensor tensor, double[][] sums) {
        for (int r = 0; tensor != null && r < sums.length; r++) {
            for (int c = 0; c < sums[r].length; c++) {
                add(tensor, r, c, sums[r][c]);
            }
        }
    }

    /** Adds to element {@code i} of a tensor in row-major order. */
    private static void addTo(Tensor tensor, int i, double value) {
        add(tensor, i / tensor.cols(), i % tensor.cols(), value);
    }
}
