package dev.sam2j.kernels.ptx.interpreter;

/** PTX scalar types and bf16 conversion. */
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

    static float bf16ToFloat(int bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Nearest, ties to even; NaN becomes the canonical 0x7fff as the conversion instruction gives. */
    static int floatToBf16(float value) {
        if (Float.isNaN(value)) {
            return 0x7fff;
        }
        int bits = Float.floatToRawIntBits(value);
        return (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16;
    }
}
