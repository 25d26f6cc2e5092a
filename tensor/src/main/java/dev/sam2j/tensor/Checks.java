package dev.sam2j.tensor;

/** The checks of operands: each names the operation and the operand, what was expected and what came. */
public final class Checks {
    private Checks() {}

    /**
     * Requires that a condition holds.
     *
     * @throws IllegalArgumentException if it does not
     */
    public static void check(boolean condition, String op, String what, Object expected, Object got) {
        if (!condition) {
            throw new IllegalArgumentException(op + ": " + what + ", expected " + expected + ", got " + got);
        }
    }

    /** Requires a tensor of these dimensions. */
    public static void checkShape(String op, String what, Tensor tensor, int... dims) {
        check(tensor.shape().equals(Shape.of(dims)), op, what, Shape.of(dims), tensor.shape());
    }

    /** Requires so many elements, whatever the dimensions. */
    public static void checkVector(String op, String what, Tensor vector, int elements) {
        check(vector.shape().elements() == elements, op, what, elements + " elements", vector.shape());
    }

    /** Requires as many rows and columns as x has. */
    public static void checkSame(String op, Tensor x, Tensor destination) {
        check(
                destination.rows() == x.rows() && destination.cols() == x.cols(),
                op,
                "destination",
                x.shape(),
                destination.shape());
    }

    /** Requires as many rows as x has, of {@code cols} columns. */
    public static void checkRows(String op, Tensor x, int cols, Tensor destination) {
        check(
                destination.rows() == x.rows() && destination.cols() == cols,
                op,
                "destination",
                x.shape().withCols(cols),
                destination.shape());
    }

    /** Requires four dimensions. */
    public static void checkImage(String op, Tensor x) {
        check(x.shape().rank() == 4, op, "input", "(B, H, W, C)", x.shape());
    }

    /** Requires that a tensor can be added to another, whose rows it divides. */
    static void checkRepeats(String op, String what, Tensor addend, Tensor x) {
        check(
                addend.cols() == x.cols() && x.rows() % addend.rows() == 0,
                op,
                what,
                "rows that divide those of " + x.shape() + " and the same columns",
                addend.shape());
    }

    /** Requires operands that fit the destination. */
    public static void checkEpilogue(String op, Epilogue epilogue, Tensor destination) {
        if (epilogue.bias() != null) {
            checkVector(op, "bias", epilogue.bias(), destination.cols());
        }
        if (epilogue.scale() != null) {
            checkVector(op, "scale", epilogue.scale(), destination.cols());
        }
        if (epilogue.residual() != null) {
            checkRepeats(op, "residual", epilogue.residual(), destination);
        }
    }
}
