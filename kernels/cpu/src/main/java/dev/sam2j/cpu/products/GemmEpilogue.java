package dev.sam2j.cpu.products;

import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Tensor;

/** An {@link Epilogue} at work on the sums of a matrix product. */
final class GemmEpilogue {
    private final RowKernels loops;
    private final Rows bias;
    private final Activation activation;
    private final Rows scale;
    private final Rows residual;
    private final int residualRows;

    GemmEpilogue(Epilogue epilogue, RowKernels loops) {
        this.loops = loops;
        this.bias = rows(epilogue.bias());
        this.activation = epilogue.activation();
        this.scale = rows(epilogue.scale());
        this.residual = rows(epilogue.residual());
        this.residualRows = residual == null ? 1 : epilogue.residual().rows();
    }

    private static Rows rows(Tensor tensor) {
        return tensor == null ? null : CpuStorage.rows(tensor);
    }

    /**
     * {@code y[j] = residual[j] + scale[j] * activation(c[j] + bias[j])} for a piece of a row. Each step is a pass over
     * the piece, which lies in the first-level cache; the last one writes to y.
     *
     * @param c sums; overwritten unless they are y
     * @param row number of the row, and {@code column} of the first value
     * @param n number of values
     * @param y receives the results; may be c or the residual
     */
    void finish(float[] c, int cOffset, int row, int column, int n, float[] y, int yOffset) {
        boolean onlyFunction = scale == null && residual == null;
        boolean onlyBias = onlyFunction && activation == Activation.NONE;
        if (bias != null) {
            int at = bias.offset() + column;
            loops.add(c, cOffset, bias.data(), at, onlyBias ? y : c, onlyBias ? yOffset : cOffset, n);
        } else if (onlyBias) {
            System.arraycopy(c, cOffset, y, yOffset, n);
        }
        if (activation != Activation.NONE) {
            loops.activate(activation, c, cOffset, onlyFunction ? y : c, onlyFunction ? yOffset : cOffset, n);
        }
        if (scale != null) {
            boolean last = residual == null;
            int at = scale.offset() + column;
            loops.multiply(c, cOffset, scale.data(), at, last ? y : c, last ? yOffset : cOffset, n);
        }
        if (residual != null) {
            loops.add(c, cOffset, residual.data(), residualAt(row) + column, y, yOffset, n);
        }
    }

    private int residualAt(int row) {
        return residual.at(row % residualRows);
    }

    /** Whether there is nothing but a bias and a residual, which sums can start from ({@link #seeds}). */
    boolean isLinear() {
        return activation == Activation.NONE && scale == null;
    }

    /** Whether all rows start from the same seeds. */
    boolean seedsRepeat() {
        return residual == null;
    }

    /** What the sums of all rows start from, where {@link #seedsRepeat}; null for 0. */
    Rows bias() {
        return bias;
    }

    /** Writes what the sums of {@code rows} rows and {@code n} columns start from, bias and residual, without gaps. */
    void seeds(int firstRow, int rows, int column, int n, float[] seeds) {
        for (int i = 0; i < rows; i++) {
            int at = residualAt(firstRow + i) + column;
            if (bias == null) {
                System.arraycopy(residual.data(), at, seeds, i * n, n);
            } else {
                loops.add(residual.data(), at, bias.data(), bias.offset() + column, seeds, i * n, n);
            }
        }
    }
}
