package dev.sam2j.cuda.ptx;

import dev.sam2j.tensor.Activation;

/** Plain float64 definitions that kernels are compared with. */
public final class Reference {
    private Reference() {}

    public static double activate(Activation activation, double x) {
        return switch (activation) {
            case NONE -> x;
            case RELU -> Math.max(x, 0);
            case GELU -> 0.5 * x * (1 + erf(x / Math.sqrt(2)));
            case SIGMOID -> 1 / (1 + Math.exp(-x));
        };
    }

    /** Taylor series {@code 2/sqrt(pi) sum (-1)^n x^(2n+1) / (n! (2n+1))}; 1e-11 is left of it at |x| = 4. */
    static double erf(double x) {
        if (Math.abs(x) > 4.5) {
            return Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; n < 120; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return sum * 2 / Math.sqrt(Math.PI);
    }

    /** Product of a row of {@code x} and a row of {@code w}. */
    public static double dot(Matrix x, int row, Matrix w, int column) {
        double sum = 0;
        for (int i = 0; i < x.columns(); i++) {
            sum += (double) x.get(row, i) * w.get(column, i);
        }
        return sum;
    }
}
