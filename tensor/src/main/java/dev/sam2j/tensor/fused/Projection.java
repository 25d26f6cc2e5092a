package dev.sam2j.tensor.fused;

import static dev.sam2j.tensor.Checks.check;
import static dev.sam2j.tensor.Checks.checkVector;

import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;

/**
 * A linear layer, {@code x Wᵀ + b}.
 *
 * @param matrix W (out, in)
 * @param bias b, {@code out} elements
 */
public record Projection(PackedMatrix matrix, Tensor bias) {
    /** Columns of the result. */
    public int out() {
        return matrix.out();
    }

    /** Columns of x. */
    public int in() {
        return matrix.in();
    }

    /** The layer by itself. */
    Tensor forward(Ops ops, Tensor x) {
        return ops.gemm(x, matrix, Epilogue.bias(bias));
    }

    void checkFits(String op, String what, int in, int out) {
        check(in() == in && out() == out, op, what, "(" + out + ", " + in + ")", "(" + out() + ", " + in() + ")");
        checkVector(op, "bias of the " + what, bias, out);
    }
}
