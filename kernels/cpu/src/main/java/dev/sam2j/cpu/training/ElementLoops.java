package dev.sam2j.cpu.training;

import dev.sam2j.cpu.math.ScalarMath;
import dev.sam2j.tensor.Activation;

/**
 * Innermost loops of training over {@code n} corresponding elements, here in plain Java, in {@link VectorElementLoops}
 * on the Vector API; each array is followed by the index of the first value.
 */
public class ElementLoops {
    /** {@code dX += dY f'}, with f' from {@code saved}, see {@code TrainingOps.activationBackward}. */
    void activationBackward(
            Activation function, float[] saved, int atSaved, float[] dY, int atDY, float[] dX, int atDX, int n) {
        for (int i = 0; i < n; i++) {
            dX[atDX + i] += dY[atDY + i] * slope(function, saved[atSaved + i]);
        }
    }

    private static float slope(Activation function, float saved) {
        return switch (function) {
            case NONE -> 1;
            case RELU -> saved > 0 ? 1 : 0;
            case GELU -> ScalarMath.geluSlope(saved);
            case SIGMOID -> saved * (1 - saved);
        };
    }

    /** A step of AdamW on weights w with gradients g, means m and mean squares v. */
    void adamW(
            AdamFactors factors,
            float[] w,
            int atW,
            float[] g,
            int atG,
            float[] m,
            int atM,
            float[] v,
            int atV,
            int n) {
        for (int i = 0; i < n; i++) {
            float gradient = g[atG + i] * factors.gradientScale();
            float mean = factors.beta1() * m[atM + i] + factors.rest1() * gradient;
            float square = factors.beta2() * v[atV + i] + factors.rest2() * gradient * gradient;
            m[atM + i] = mean;
            v[atV + i] = square;
            float weight = w[atW + i];
            float move = factors.rate() * mean / ((float) Math.sqrt(square) * factors.root() + factors.eps());
            w[atW + i] = weight - (move + factors.decay() * weight);
        }
    }
}
