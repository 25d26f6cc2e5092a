package dev.sam2j.tensor;

/**
 * What happens to each output of a matrix product before it is written:
 * {@code y = residual + scale * activation(x + bias)}.
 *
 * @param bias one value per output column, or null for 0
 * @param activation the function applied after the bias
 * @param scale one factor per output column, or null for 1
 * @param residual added last, or null; its columns are those of the output and its rows divide the output's rows, row
 *     {@code r} of the output receives residual row {@code r mod residual.rows()}. It may be the output itself.
 */
public record Epilogue(Tensor bias, Activation activation, Tensor scale, Tensor residual) {
    /** Writes the plain product. */
    public static final Epilogue NONE = new Epilogue(null, Activation.NONE, null, null);

    /** Adds a bias. */
    public static Epilogue bias(Tensor bias) {
        return new Epilogue(bias, Activation.NONE, null, null);
    }

    /** This epilogue with an activation. */
    public Epilogue with(Activation function) {
        return new Epilogue(bias, function, scale, residual);
    }

    /** This epilogue with a scale per output column. */
    public Epilogue scaled(Tensor factors) {
        return new Epilogue(bias, activation, factors, residual);
    }

    /** This epilogue with a residual. */
    public Epilogue plus(Tensor addend) {
        return new Epilogue(bias, activation, scale, addend);
    }
}
