package dev.sam2j.cpu.math;

/**
 * {@code 2^x} for {@code x <= 0}, with a relative error below 1.3e-7: 2 to the nearest integer by the exponent bits, 2
 * to the rest by the minimax polynomial of degree 6 on [-1/2, 1/2] (relative error 1.9e-9 before rounding).
 */
public final class Exp2 {
    /** 1.5 * 2^23: adding it leaves the nearest integer in the low bits of the sum. */
    public static final float ROUND = 12582912f;

    /** Smaller arguments count as this, the smallest whose result is a normal number. */
    static final float LOWEST = -126f;

    /** Bits of {@code -LOWEST}: floats that are not negative compare like their bits. */
    public static final int LOWEST_BITS = Float.floatToRawIntBits(-LOWEST);

    /** A score below all others: finite, and its power vanishes beside any other. */
    public static final float ABSENT = -1e30f;

    public static final float C0 = 1f;
    public static final float C1 = 0.6931472057f;
    public static final float C2 = 0.2402264689f;
    public static final float C3 = 0.05550328777f;
    public static final float C4 = 0.009618488957f;
    public static final float C5 = 0.001339993118f;
    public static final float C6 = 0.0001534581216f;

    private Exp2() {}

    /** 2 to the power of {@code x}, which is not positive. */
    public static float of(float x) {
        x = Math.max(x, LOWEST);
        float shifted = x + ROUND;
        float r = x - (shifted - ROUND);
        float p = ((((C6 * r + C5) * r + C4) * r + C3) * r + C2) * r;
        p = (p + C1) * r + C0;
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << 23));
    }
}
