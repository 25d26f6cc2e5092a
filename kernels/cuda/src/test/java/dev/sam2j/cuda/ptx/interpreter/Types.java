package dev.sam2j.cuda.ptx.interpreter;

import dev.sam2j.tensor.host.HalfPrecision;

/** PTX scalar types and conversions of the types of two bytes. */
final class Types {
    private Types() {}

    static int bytes(String type) {
        return switch (type) {
            case "b8", "u8", "s8" -> 1;
            case "b16", "u16", "s16" -> 2;
            case "b32", "u32", "s32", "f32" -> 4;
            case "b64", "u64", "s64" -> 8;
            default -> throw new PtxException("unsupported type ." + type);
        };
    }

    static boolean isSigned(String type) {
        return type.charAt(0) == 's';
    }

    /** A type of two bytes. */
    @FunctionalInterface
    interface Half {
        float widen(int bits);
    }

    static Half half(String type) {
        return switch (type) {
            case "bf16" -> Types::bf16ToFloat;
            case "f16" -> bits -> HalfPrecision.fromF16((short) bits);
            default -> throw new PtxException("unsupported type ." + type);
        };
    }

    static float bf16ToFloat(int bits) {
        return HalfPrecision.fromBf16((short) bits);
    }

    /** Nearest, ties to even; NaN becomes the canonical 0x7fff as the conversion instruction gives. */
    static int floatToBf16(float value) {
        return Float.isNaN(value) ? 0x7fff : HalfPrecision.toBf16(value) & 0xffff;
    }

    /** Nearest, ties to even; NaN becomes the canonical 0x7fff. */
    static int floatToF16(float value) {
        return Float.isNaN(value) ? 0x7fff : HalfPrecision.toF16(value) & 0xffff;
    }

    /** A function of both halves of two registers. */
    static long eachF16(long a, long b, Alu.FloatBinary function) {
        long result = 0;
        for (int shift = 0; shift <= 16; shift += 16) {
            float left = HalfPrecision.fromF16((short) (a >>> shift));
            float right = HalfPrecision.fromF16((short) (b >>> shift));
            result |= (long) floatToF16(function.apply(left, right)) << shift;
        }
        return result;
    }
}
