package dev.sam2j.cpu.runtime;

/**
 * Temporary arrays of one worker of {@link Parallel}. Arrays are numbered; each grows to the largest length ever asked
 * for and is then reused, so that calls of the same shapes allocate nothing. Contents are undefined at each request.
 */
public final class Scratch {
    private static final int SLOTS = 16;

    private final float[][] floats = new float[SLOTS][];
    private final int[][] ints = new int[SLOTS][];

    Scratch() {}

    /**
     * Array number {@code slot} with at least {@code length} elements.
     *
     * @param slot 0 to 15; one operation uses each number for one purpose
     */
    public float[] floats(int slot, int length) {
        float[] array = floats[slot];
        if (array == null || array.length < length) {
            array = new float[length];
            floats[slot] = array;
        }
        return array;
    }

    /** Array of integers number {@code slot}, independent of {@link #floats}. */
    public int[] ints(int slot, int length) {
        int[] array = ints[slot];
        if (array == null || array.length < length) {
            array = new int[length];
            ints[slot] = array;
        }
        return array;
    }
}
