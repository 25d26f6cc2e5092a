package dev.sam2j.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class RoundToBf16Test extends BackendContract {
    @Test
    void bitsAreExact() {
        Operand x = spread(3, 5, 31, 45);
        Operand y = output(3, 31, 45);
        run(b -> b.roundToBf16(x.on(b), y.on(b)));
        assertClose(y, 0, 0);
    }

    @Test
    void tiesGoToEvenAndSpecialValuesStay() {
        float[] values = new float[40];
        float[] expected = new float[40];
        int[] bits = {0x3F808000, 0x3F818000, 0x3F808001, 0x7F7FFFFF, 0x80000000, 0x7F800000, 0xFF800000, 0x7FFFFFFF};
        int[] rounded = {0x3F800000, 0x3F820000, 0x3F810000, 0x7F800000, 0x80000000, 0x7F800000, 0xFF800000, 0x7FFFFFFF
        };
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(bits[i % bits.length]);
            expected[i] = Float.intBitsToFloat(rounded[i % bits.length]);
        }
        Operand x = values(0, values, 40);
        run(b -> b.roundToBf16(x.on(b), x.on(b)));
        assertArrayEquals(expected, contents(backend(), x.on(backend())));
        assertArrayEquals(expected, contents(reference(), x.on(reference())));
    }
}
