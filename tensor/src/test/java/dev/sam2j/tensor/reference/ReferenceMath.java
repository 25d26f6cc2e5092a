package dev.sam2j.tensor.reference;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Tensor;

/** Scalar functions in float64. */
final class ReferenceMath {
    private ReferenceMath() {}

    static double activate(Activation activation, double x) {
        return switch (activation) {
            case NONE -> x;
            case RELU -> Math.max(x, 0);
            case GELU -> 0.5 * x * (1 + erf(x / Math.sqrt(2)));
            case SIGMOID -> 1 / (1 + Math.exp(-x));
        };
    }

    /**
     * The derivative of a function.
     *
     * @param saved its argument for {@link Activation#GELU}, otherwise its value
     */
    static double derivative(Activation activation, double saved) {
        return switch (activation) {
            case NONE -> 1;
            case RELU -> saved > 0 ? 1 : 0;
            case GELU ->
                0.5 * (1 + erf(saved / Math.sqrt(2))) + saved * Math.exp(-saved * saved / 2) / Math.sqrt(2 * Math.PI);
            case SIGMOID -> saved * (1 - saved);
        };
    }

    /** The error function by {@code 2/sqrt(pi) exp(-x²) sum 2^n x^(2n+1) / (2n+1)!!}: all terms have one sign. */
    static double erf(double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        if (Math.abs(x) > 6) {
            return Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    /** One output element of a product: see {@link Epilogue}. {@code column} indexes bias and scale. */
    static double apply(Epilogue epilogue, double product, int row, int column) {
        double y = epilogue.bias() == null ? product : product + element(epilogue.bias(), column);
        y = activate(epilogue.activation(), y);
        if (epilogue.scale() != null) {
            y *= element(epilogue.scale(), column);
        }
        Tensor residual = epilogue.residual();
        return residual == null ? y : y + ArrayStorage.get(residual, row % residual.rows(), column);
    }

    /** Element {@code i} of a tensor in row-major order. */
    static double element(Tensor tensor, int i) {
        return ArrayStorage.get(tensor, i / tensor.cols(), i % tensor.cols());
    }
}
