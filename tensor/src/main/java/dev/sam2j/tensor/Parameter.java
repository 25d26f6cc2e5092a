package dev.sam2j.tensor;

/** A tensor of a checkpoint that a layer has asked for, not yet read. */
public final class Parameter {
    private static final int EXPONENT = 0x7f800000;
    private static final int LOWEST_OF_EXPONENT = 0x00800000;

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

    /** An exponent of ones, of which nothing finite has all, carries into the sign when one is added to it. */
    private static boolean areFinite(float[] values) {
        int carried = 0;
        for (float value : values) {
            carried |= (Float.floatToRawIntBits(value) & EXPONENT) + LOWEST_OF_EXPONENT;
        }
        return carried >= 0;
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
