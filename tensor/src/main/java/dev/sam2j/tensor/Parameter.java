package dev.sam2j.tensor;

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

    /** The values in stored order, widened to float32; a fresh array each time. */
    public float[] read() {
        float[] values = new float[Math.toIntExact(shape.elements())];
        source.read(name, values, 0);
        return values;
    }
}
