package dev.sam2j.weights.checkpoint;

import dev.sam2j.WeightsException;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.weights.WeightSource;
import java.util.Set;

/**
 * The weights on the straight line between two checkpoints of one model, {@code w0 + a (w1 - w0)}, as in Wortsman et
 * al., "Robust fine-tuning of zero-shot models" (2022): a fine-tuned model that has kept more of what it was before.
 */
public final class BlendedSource implements WeightSource {
    private final WeightSource first;
    private final WeightSource second;
    private final double amount;

    /**
     * Blends two sources, which stay open as long as this is read.
     *
     * @param first what weights are at amount 0; gives the order of the names
     * @param second what weights are at amount 1
     * @param amount 0 to 1
     * @throws WeightsException if the sources have different names, or shapes under a name
     * @throws IllegalArgumentException if the amount is not in its range
     */
    public BlendedSource(WeightSource first, WeightSource second, double amount) {
        if (!(amount >= 0 && amount <= 1)) {
            throw new IllegalArgumentException("blend: the amount must be 0 to 1, got " + amount);
        }
        this.first = first;
        this.second = second;
        this.amount = amount;
        requireNames(first, second);
        requireNames(second, first);
        for (String name : first.names()) {
            if (!first.shape(name).equals(second.shape(name))) {
                throw unlike(name + " has the shape " + second.shape(name) + " instead of " + first.shape(name));
            }
        }
    }

    private void requireNames(WeightSource source, WeightSource other) {
        for (String name : source.names()) {
            if (!other.names().contains(name)) {
                throw unlike("only " + source.description() + " has " + name);
            }
        }
    }

    private WeightsException unlike(String problem) {
        return new WeightsException(second.description() + ": the checkpoint cannot be blended with "
                + first.description() + ", which is of another model (" + problem + ")");
    }

    @Override
    public String description() {
        return first.description() + " and " + second.description();
    }

    @Override
    public Set<String> names() {
        return first.names();
    }

    @Override
    public Shape shape(String name) {
        return first.shape(name);
    }

    /** float32, as what lies between values of a narrower type is none of it. */
    @Override
    public DType dtype(String name) {
        return DType.F32;
    }

    /** {@inheritDoc} They are exactly those of a source at its end of the line, and where both agree. */
    @Override
    public void read(String name, float[] destination, int offset) {
        first.read(name, destination, offset);
        float[] other = second.read(name);
        for (int i = 0; i < other.length; i++) {
            destination[offset + i] = (float) ((1 - amount) * destination[offset + i] + amount * other[i]);
        }
    }
}
