package dev.sam2j.benchmarks;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.weights.WeightSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Weights for timing without a download: seeded by the tensor's name, uniform with the variance 1/inputs, vectors
 * called {@code weight} (norms) all 1. Times are those of real weights; masks are not.
 */
public final class RandomWeights implements WeightSource {
    private final Map<String, Shape> shapes;

    /** Weights of a model. */
    public RandomWeights(Sam2Config config) {
        this.shapes = LoadedModel.parameters(config);
    }

    @Override
    public String description() {
        return "random weights";
    }

    @Override
    public Set<String> names() {
        return shapes.keySet();
    }

    @Override
    public Shape shape(String name) {
        return shapes.get(name);
    }

    @Override
    public DType dtype(String name) {
        return DType.F32;
    }

    @Override
    public void read(String name, float[] destination, int offset) {
        Shape shape = shapes.get(name);
        int count = Math.toIntExact(shape.elements());
        if (shape.rank() == 1 && name.endsWith("weight")) {
            Arrays.fill(destination, offset, offset + count, 1);
            return;
        }
        int inputs = shape.rank() < 2 ? count : count / shape.dim(0);
        float bound = (float) Math.sqrt(3.0 / inputs);
        Random random = new Random(name.hashCode());
        for (int i = 0; i < count; i++) {
            destination[offset + i] = (2 * random.nextFloat() - 1) * bound;
        }
    }
}
