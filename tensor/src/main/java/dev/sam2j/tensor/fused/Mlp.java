package dev.sam2j.tensor.fused;

import static dev.sam2j.tensor.Checks.checkEpilogue;
import static dev.sam2j.tensor.Checks.checkRows;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;

/**
 * Two-layer perceptron {@code epilogue(activation(x W1ᵀ + b1) W2ᵀ)}. Step by step the hidden layer of all rows is
 * stored.
 *
 * @param x rows of as many columns as the first layer takes
 * @param first W1 (hidden, in) and b1
 * @param second W2 (out, hidden)
 * @param epilogue of the second layer, with its bias
 * @param destination as many rows as x, {@code out} columns; may be the residual of the epilogue
 */
public record Mlp(
        Tensor x, Projection first, Activation activation, PackedMatrix second, Epilogue epilogue, Tensor destination)
        implements FusedOp {
    /**
     * Checks the operands.
     *
     * @throws IllegalArgumentException if one does not fit the others
     */
    public Mlp {
        first.checkFits("mlp", "first layer", x.cols(), second.in());
        checkRows("mlp", x, second.out(), destination);
        checkEpilogue("mlp", epilogue, destination);
    }

    @Override
    public void unfused(Ops ops) {
        try (Workspace.Frame frame = ops.frame()) {
            Tensor hidden =
                    ops.gemm(x, first.matrix(), Epilogue.bias(first.bias()).with(activation));
            ops.gemm(hidden, second, epilogue, destination);
        }
    }
}
