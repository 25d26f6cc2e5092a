package dev.sam2j.tensor.nn;

import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.Projection;
import dev.sam2j.tensor.weights.Parameter;
import dev.sam2j.tensor.weights.Weights;

/** Transposed convolution with a 2x2 kernel and stride 2; {@code weight} is stored as (in, out, 2, 2). */
public final class ConvTranspose2d {
    private final Lazy<PackedMatrix> weight;
    private final Lazy<Tensor> bias;

    /** A transposed convolution at {@code weights}. */
    public ConvTranspose2d(Weights weights, int in, int out) {
        Parameter stored = weights.get("weight", in, out, 2, 2);
        this.weight = weights.matrix(4 * out, in, () -> outputRows(stored.read(), in, out));
        this.bias = weights.tensor(weights.get("bias", out));
    }

    /** The layer as an operand of fused operations. */
    public Projection projection() {
        return new Projection(weight.get(), bias.get());
    }

    /** (in, out, i, j) to rows (i, j, out) of {@code in} values. */
    private static float[] outputRows(float[] stored, int in, int out) {
        float[] packed = new float[stored.length];
        for (int c = 0; c < in; c++) {
            for (int o = 0; o < out; o++) {
                for (int tap = 0; tap < 4; tap++) {
                    packed[(tap * out + o) * in + c] = stored[(c * out + o) * 4 + tap];
                }
            }
        }
        return packed;
    }
}
