package dev.sam2j.tensor.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfPrecisionTest {
    /** The definition of binary16: sign, five bits of exponent, ten of fraction. */
    private static double definition(int half) {
        int exponent = half >> 10 & 31;
        int fraction = half & 1023;
        double magnitude = exponent == 0
                ? fraction * Math.pow(2, -24)
                : exponent == 31
                        ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                        : (1 + fraction / 1024.0) * Math.pow(2, exponent - 15);
        return (half & 0x8000) == 0 ? magnitude : -magnitude;
    }

    @Test
    void everyF16WidensByDefinitionAndComesBack() {
        for (int half = 0; half < 65536; half++) {
            float value = HalfPrecision.fromF16((short) half);
            assertEquals((float) definition(half), value, "half " + half);
            assertEquals((short) half, HalfPrecision.toF16(value), "half " + half);
        }
    }

    @Test
    void everyBf16WidensAndComesBack() {
        for (int half = 0; half < 65536; half++) {
            float value = HalfPrecision.fromBf16((short) half);
            assertEquals(half << 16, Float.floatToRawIntBits(value));
            assertEquals((short) half, HalfPrecision.toBf16(value), "half " + half);
        }
    }

    /** The midpoint of two neighbours goes to the even one, everything else to the nearer. */
    @Test
    void narrowingRoundsToNearestEven() {
        for (int half = 0; half < 0x7bff; half++) {
            double low = definition(half);
            double high = definition(half + 1);
            float middle = (float) ((low + high) / 2);
            int even = half % 2 == 0 ? half : half + 1;
            assertEquals((short) even, HalfPrecision.toF16(middle), "above half " + half);
            assertEquals((short) half, HalfPrecision.toF16(Math.nextDown(middle)), "above half " + half);
            assertEquals((short) (half + 1), HalfPrecision.toF16(Math.nextUp(middle)), "above half " + half);
        }
        assertEquals((short) 0x7bff, HalfPrecision.toF16(Math.nextDown(65520f)));
        assertEquals((short) 0x7c00, HalfPrecision.toF16(65520f));
        assertEquals((short) 0xfc00, HalfPrecision.toF16(-1e30f));
        assertEquals((short) 0x3f80, HalfPrecision.toBf16(1 + 0x1p-8f));
        assertEquals((short) 0x3f82, HalfPrecision.toBf16(1 + 3 * 0x1p-8f));
        assertEquals((short) 0x7f80, HalfPrecision.toBf16(Float.MAX_VALUE));
    }

    @Test
    void saturationKeepsWhatFitsAndNotANumber() {
        assertEquals((short) 0x7bff, HalfPrecision.toSaturatedF16(65520));
        assertEquals((short) 0xfbff, HalfPrecision.toSaturatedF16(Float.NEGATIVE_INFINITY));
        assertEquals(HalfPrecision.toF16(-0.3f), HalfPrecision.toSaturatedF16(-0.3f));
        assertTrue(Float.isNaN(HalfPrecision.fromF16(HalfPrecision.toSaturatedF16(Float.NaN))));
    }

    @Test
    void notANumberStaysOne() {
        Random random = new Random(5);
        for (int i = 0; i < 10_000; i++) {
            float nan = Float.intBitsToFloat(0x7f800000 | 1 + random.nextInt(0x7fffff) | random.nextInt(2) << 31);
            assertTrue(Float.isNaN(HalfPrecision.fromF16(HalfPrecision.toF16(nan))));
            assertTrue(Float.isNaN(HalfPrecision.fromBf16(HalfPrecision.toBf16(nan))));
        }
    }
}
