package dev.sam2j.benchmarks;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.WeightSource;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Weights of any model without a download: noise that keeps activations in range, the same in every run. */
final class RandomWeights implements WeightSource {
    private final Map<String, Shape> shapes;

    RandomWeights(Sam2Config config) {
        this.shapes = Sam2Model.parameters(config);
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
        Random random = new Random(name.hashCode());
        boolean norm = shape.rank() == 1 && name.contains("norm") && name.endsWith("weight");
        float fanIn = shape.rank() < 2 ? 1 : (float) shape.elements() / shape.dim(0);
        float amplitude = shape.rank() < 2 ? 0.1f : (float) Math.sqrt(1 / fanIn);
        for (int i = 0; i < shape.elements(); i++) {
            float noise = amplitude * (2 * random.nextFloat() - 1);
            destination[offset + i] = norm ? 1 + noise : noise;
        }
    }
}
