package dev.sam2j.training.grad;

import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.training.TrainingOps;

/** Two linear layers made one, for one step: see {@link GradOps#compose}. */
public final class Composed implements Weight, AutoCloseable {
    private final TrainingOps training;
    private final Var weight;
    private final Var bias;
    private PackedMatrix packed;

    Composed(TrainingOps training, Var weight, Var bias) {
        this.training = training;
        this.weight = weight;
        this.bias = bias;
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
