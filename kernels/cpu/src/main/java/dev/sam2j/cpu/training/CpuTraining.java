package dev.sam2j.cpu.training;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.attention.Attention;
import dev.sam2j.cpu.products.CpuMatrix;
import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.AdamStep;
import dev.sam2j.tensor.training.MaskLossSums;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.tensor.training.TrainingOps;

/**
 * Training on the processor. Everything is in float32, also where the backend rounds the factors of products to
 * bfloat16 otherwise: no gradient is made of rounded factors. A matrix from {@link #pack} is multiplied in float32 by
 * {@code Backend.gemm}, too.
 */
public final class CpuTraining implements TrainingOps {
    private final CpuKernels kernels;
    private final Parallel parallel;

    /** Training with the given loops on the given threads. */
    public CpuTraining(CpuKernels kernels, Parallel parallel) {
        this.kernels = kernels;
        this.parallel = parallel;
    }

    @Override
    public void fill(Tensor x, float value) {
        Fill.run(x, value, parallel);
    }

    @Override
    public PackedMatrix pack(Tensor matrix, boolean transposed) {
        return CpuMatrix.forTraining(
                CpuStorage.rows(matrix), matrix.rows(), matrix.cols(), transposed, kernels.gemm(), parallel);
    }

    @Override
    public void outer(Tensor dY, Tensor x, Tensor dW) {
        Outer.run(dY, x, dW, kernels, parallel);
    }

    @Override
    public void multiply(Tensor a, Tensor b, Tensor c) {
        Multiply.run(a, b, c, kernels, parallel);
    }

    @Override
    public void columnSums(Tensor dY, Tensor dBias) {
        SumRepeats.run(dY, dBias, kernels.rows(), parallel);
    }

    @Override
    public void sumRepeats(Tensor dY, Tensor dX) {
        SumRepeats.run(dY, dX, kernels.rows(), parallel);
    }

    @Override
    public void activationBackward(Activation function, Tensor saved, Tensor dY, Tensor dX) {
        ActivationBackward.run(function, saved, dY, dX, kernels.elements(), parallel);
    }

    @Override
    public void layerNormBackward(
            Tensor x, Tensor gamma, float eps, Tensor dY, Tensor dX, Tensor dGamma, Tensor dBeta) {
        LayerNormBackward.run(x, gamma, eps, dY, dX, dGamma, dBeta, kernels.rows(), kernels.backward(), parallel);
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination, Tensor logSumExp) {
        Attention.run(q, k, v, spec, destination, logSumExp, kernels.floatAttention(), kernels.gemm(), parallel);
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
        AttentionBackward.run(q, k, v, spec, out, logSumExp, dOut, dQ, dK, dV, kernels, parallel);
    }

    @Override
    public void pixelShuffle(Tensor x, Tensor destination) {
        PixelShuffle.run(x, destination, parallel);
    }

    @Override
    public void pixelUnshuffle(Tensor x, Tensor destination) {
        PixelShuffle.undo(x, destination, parallel);
    }

    @Override
    public MaskLossSums[] maskLoss(Tensor logits, MaskTruth truth, float alpha, float gamma) {
        return new MaskLoss(logits, truth, alpha, gamma, kernels, parallel).sums();
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
        new MaskLoss(logits, truth, alpha, gamma, kernels, parallel).backward(focal, probability, agreement, dLogits);
    }

    @Override
    public void adamW(Tensor weight, Tensor gradient, Tensor mean, Tensor square, AdamStep step) {
        AdamW.run(weight, gradient, mean, square, step, kernels.elements(), parallel);
    }

    @Override
    public double squaredNorm(Tensor x) {
        return SquaredNorm.run(x, parallel);
    }
}
