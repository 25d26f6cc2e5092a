package dev.sam2j.training.grad;

import dev.sam2j.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * A value of a computation, and the gradient of the loss by it where one is needed. Views share the gradient of what
 * they are views of.
 */
public final class Var {
    private final Tensor value;
    private final Gradient gradient;
    private final UnaryOperator<Tensor> view;
    private final boolean whole;

    /** A value; without a gradient it is a constant. */
    Var(Tensor value, Gradient gradient) {
        this(value, gradient, UnaryOperator.identity(), true);
    }

    private Var(Tensor value, Gradient gradient, UnaryOperator<Tensor> view, boolean whole) {
        this.value = value;
        this.gradient = gradient;
        this.view = view;
        this.whole = whole;
    }

    /** A value that has no gradient. */
    public static Var constant(Tensor value) {
        return new Var(value, null);
    }

    /** The value; valid until the tape that made it has gone back past it. */
    public Tensor value() {
        return value;
    }

    /** Dimension at {@code axis}; negative axes count from the end. */
    public int dim(int axis) {
        return value.dim(axis);
    }

    /** Whether the loss is differentiated by this value. */
    public boolean needsGradient() {
        return gradient != null;
    }

    /** See {@link Tensor#reshape}. */
    public Var reshape(int... dims) {
        return view(tensor -> tensor.reshape(dims), true);
    }

    /** See {@link Tensor#token}. */
    public Var token(int index) {
        return view(tensor -> tensor.token(index), false);
    }

    /** See {@link Tensor#columns}. */
    public Var columns(int from, int to) {
        return view(tensor -> tensor.columns(from, to), false);
    }

    private Var view(UnaryOperator<Tensor> next, boolean all) {
        return new Var(next.apply(value), gradient, tensor -> next.apply(view.apply(tensor)), whole && all);
    }

    /** The gradient, to be added to; zeros if nothing has been. Not for constants. */
    public Tensor gradient() {
        return view.apply(gradient.sum());
    }

    /** The gradient's memory, all of which the caller will write, if nothing has been added to it yet, or null. */
    Tensor unwrittenGradient() {
        if (!whole) {
            return null;
        }
        Tensor room = gradient.unwritten();
        return room == null ? null : view.apply(room);
    }

    /** Whether something has been added to the gradient. */
    boolean hasGradient() {
        return gradient != null && gradient.isWritten();
    }

    /** Forgets the gradient of a value that a tape has gone back past. */
    void releaseGradient() {
        if (gradient != null) {
            gradient.release();
        }
    }
}
