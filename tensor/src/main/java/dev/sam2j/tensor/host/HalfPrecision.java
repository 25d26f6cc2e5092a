package dev.sam2j.tensor.host;

/** Conversions between float32 and the two 16-bit types, over arrays so that the loops vectorise. */
public final class HalfPrecision {
    private static final float TWO_TO_112 = 0x1p112f;
    private static final int F16_INFINITY = 0x7c00;
    private static final float LARGEST_F16 = 65504;

    private HalfPrecision() {}

    /**
     * IEEE binary16 to float32, exact for every value. The 15 magnitude bits, moved to the float's exponent, are off by
     * a factor of 2^112; multiplying by it also normalises subnormals. Infinities and NaNs only need a full exponent.
     */
    public static float fromF16(short half) {
        int magnitude = half & 0x7fff;
        int finite = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude << 13) * TWO_TO_112);
        int special = magnitude >= F16_INFINITY ? 0x7f800000 : 0;
        return Float.intBitsToFloat(finite | special | (half & 0x8000) << 16);
    }

    /** bfloat16 to float32. */
    public static float fromBf16(short value) {
        return Float.intBitsToFloat(value << 16);
    }

    /** {@link #fromF16(short)} of {@code count} values. */
    public static void fromF16(short[] source, int count, float[] destination, int offset) {
        for (int i = 0; i < count; i++) {
            destination[offset + i] = fromF16(source[i]);
        }
    }

    /** {@link #fromBf16(short)} of {@code count} values. */
    public static void fromBf16(short[] source, int count, float[] destination, int offset) {
        for (int i = 0; i < count; i++) {
            destination[offset + i] = fromBf16(source[i]);
        }
    }

    /** float32 to bfloat16, to nearest, ties to even; a NaN stays one. */
    public static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | ((bits & 0x7f0000) == 0 ? 0x40 : 0));
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** float32 to IEEE binary16, to nearest, ties to even; overflow becomes infinity, a NaN stays one. */
    public static short toF16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            int payload = magnitude >>> 13 & 0x3ff;
            return (short) (sign | F16_INFINITY | (payload == 0 ? 0x200 : payload));
        }
        if (magnitude >= 0x477ff000) { // 65520, halfway to the first power of two that overflows
            return (short) (sign | F16_INFINITY);
        }
        if (magnitude < 0x38800000) { // below 2^-14: a multiple of 2^-24
            return (short) (sign | (int) Math.rint(Math.scalb((double) Float.intBitsToFloat(magnitude), 24)));
        }
        int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1);
        return (short) (sign | (rounded >>> 13) - (112 << 10));
    }

    /** {@link #toF16}, but what overflows, and infinity, becomes the largest finite number of its sign. */
    public static short toSaturatedF16(float value) {
        return toF16(Math.max(-LARGEST_F16, Math.min(LARGEST_F16, value)));
    }
}
