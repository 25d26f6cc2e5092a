package dev.sam2j.tensor.weights;

import dev.sam2j.WeightsException;
import dev.sam2j.tensor.Shape;

/** A tensor of a checkpoint that a layer has asked for, not yet read. */
public final class Parameter {
    private final WeightSource source;
    private final String name;
    private final Shape shape;

    Parameter(WeightSource source, String name, Shape shape) {
        this.source = source;
        this.name = name;
        this.shape = shape;
    }

    /** Full name in the checkpoint. */
    public String name() {
        return name;
    }

    /** Shape as stored. */
    public Shape shape() {
        return shape;
    }

    /**
     * The values in stored order, widened to float32; a fresh array each time.
     *
     * @throws WeightsException if one of them is infinite or not a number: nothing computed with it would mean anything
     */
    public float[] read() {
        float[] values = new float[Math.toIntExact(shape.elements())];
        source.read(name, values, 0);
        if (!areFinite(values)) {
            throw notFinite(values);
        }
        return values;
    }

    /** Zero times what is not finite is not a number, nor are sums with that. Four sums wait for each other less. */
    private static boolean areFinite(float[] values) {
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        int i = 0;
        for (; i <= values.length - 4; i += 4) {
            sum0 += values[i] * 0;
            sum1 += values[i + 1] * 0;
            sum2 += values[i + 2] * 0;
            sum3 += values[i + 3] * 0;
        }
        for (; i < values.length; i++) {
            sum0 += values[i] * 0;
        }
        return sum0 + sum1 + sum2 + sum3 == 0;
    }

    private WeightsException notFinite(float[] values) {
        int first = 0;
        while (Float.isFinite(values[first])) {
            first++;
        }
        return new WeightsException(source.description() + ": the weights " + name + " are not finite ("
                + (Float.isNaN(values[first]) ? "not a number" : "infinite") + " at element " + first
                + "), the checkpoint is damaged or its training diverged");
    }
}
