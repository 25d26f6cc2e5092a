package dev.sam2j.predictors;

import java.util.stream.IntStream;

/**
 * Mask logits at a quarter of the model's resolution (256 x 256 for the released models), clamped to [-32, 32]: what
 * the model predicts before it is enlarged to the picture, and what it takes back as a prompt. Immutable.
 */
public final class LowResMask {
    /** Bound of the logits' magnitude. */
    public static final float LIMIT = 32;

    private final int size;
    private final float[] logits;

    private LowResMask(int size, float[] logits) {
        this.size = size;
        this.logits = logits;
    }

    /**
     * A mask of {@code size * size} logits in row-major order, which are copied and clamped.
     *
     * @throws PromptException if the number of values is not {@code size * size}, or one is NaN
     */
    public static LowResMask of(float[] logits, int size) {
        return owning(logits.clone(), size);
    }

    /** {@link #of} without a copy: the values are clamped where they are and belong to the mask from now on. */
    static LowResMask owning(float[] logits, int size) {
        if (logits.length != size * size) {
            throw new PromptException(
                    "mask: expected " + size + "x" + size + " logits, got " + logits.length + " values");
        }
        int largest = 0; // of the magnitudes' bits: those of NaN are above those of all numbers
        for (int i = 0; i < logits.length; i++) {
            float value = Math.max(-LIMIT, Math.min(LIMIT, logits[i]));
            logits[i] = value;
            largest = Math.max(largest, Float.floatToRawIntBits(value) & Integer.MAX_VALUE);
        }
        if (largest > Float.floatToRawIntBits(LIMIT)) {
            IntStream indices = IntStream.range(0, logits.length).filter(i -> Float.isNaN(logits[i]));
            throw new PromptException("mask: logit " + indices.findFirst().orElseThrow() + " is not a number");
        }
        return new LowResMask(size, logits);
    }

    /** Side in pixels. */
    public int size() {
        return size;
    }

    /** A copy of the logits in row-major order. */
    public float[] logits() {
        return logits.clone();
    }

    /** Copies the logits into {@code destination} from {@code offset} on. */
    public void copyTo(float[] destination, int offset) {
        System.arraycopy(logits, 0, destination, offset, logits.length);
    }
}
