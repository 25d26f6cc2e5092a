package dev.sam2j.training.grad;

import static dev.sam2j.tensor.Checks.check;

import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.TrainingOps;
import java.util.List;

/**
 * Two linear layers without a function between them as one, for one step: {@code W = second first} and {@code b =
 * second b1 + b2}. The first is not trained, nor is what comes before it.
 */
public final class Composed implements Weight, AutoCloseable {
    private final TrainingOps training;
    private final Var weight;
    private final Var bias;
    private PackedMatrix packed;

    private Composed(TrainingOps training, Var weight, Var bias) {
        this.training = training;
        this.weight = weight;
        this.bias = bias;
    }

    /**
     * Composes two layers as they are now.
     *
     * @param second (O, M)
     * @param secondBias (O)
     * @param first (M, I)
     * @param firstBias (M)
     */
    public static Composed of(Tape tape, Weight second, Var secondBias, Weight first, Var firstBias) {
        Tensor outer = second.var().value();
        Tensor inner = first.var().value();
        boolean frozen = !first.var().needsGradient() && !firstBias.needsGradient();
        check(frozen, "compose", "first layer", "frozen", "trained");
        check(outer.cols() == inner.rows(), "compose", "columns of the second", inner.rows(), outer.shape());
        Var weight = weight(tape, second, first);
        Var bias = bias(tape, second, secondBias, firstBias);
        return new Composed(tape.backend().training(), weight, bias);
    }

    private static Var weight(Tape tape, Weight second, Weight first) {
        TrainingOps training = tape.backend().training();
        Tensor composed = tape.allocate(second.var().dim(0), first.var().dim(1));
        training.fill(composed, 0);
        training.multiply(second.var().value(), first.var().value(), composed);
        return tape.record(composed, List.of(second.var()), result -> () -> {
            Tensor sum = second.var().gradient();
            tape.backend().gemm(result.gradient(), first.packed(), Epilogue.NONE.plus(sum), sum);
        });
    }

    private static Var bias(Tape tape, Weight second, Var secondBias, Var firstBias) {
        TrainingOps training = tape.backend().training();
        int out = second.var().dim(0);
        int middle = second.var().dim(1);
        Tensor composed = tape.allocate(out);
        tape.backend().copy(secondBias.value(), composed);
        training.multiply(second.var().value(), firstBias.value().reshape(middle, 1), composed.reshape(out, 1));
        return tape.record(composed, List.of(second.var(), secondBias), result -> () -> {
            if (second.var().needsGradient()) {
                Tensor dBias = result.gradient().reshape(1, out);
                training.outer(
                        dBias,
                        firstBias.value().reshape(1, middle),
                        second.var().gradient());
            }
            if (secondBias.needsGradient()) {
                tape.accumulate(secondBias, result.gradient());
            }
        });
    }

    /** The bias, (O). */
    public Var bias() {
        return bias;
    }

    @Override
    public Var var() {
        return weight;
    }

    @Override
    public PackedMatrix packed() {
        if (packed == null) {
            packed = training.pack(weight.value(), false);
        }
        return packed;
    }

    /** Not needed: what composed layers are applied to is not trained. */
    @Override
    public PackedMatrix packedTransposed() {
        throw new UnsupportedOperationException("composed: the layers before are frozen");
    }

    @Override
    public void close() {
        if (packed != null) {
            packed.close();
            packed = null;
        }
    }
}
