package dev.sam2j.cuda.ptx;

import dev.sam2j.tensor.DType;

/**
 * Elements of two bytes in registers. Stores round to nearest, ties to even; float16 ends at 65504 in either direction.
 */
public final class Halves {
    private Halves() {}

    /** Types of the sums and factors of a product of a half type, as in the names of its instructions. */
    public static String product(DType type) {
        return "f32." + type.label() + "." + type.label();
    }

    /** Rounds two float32 to halves of a 32-bit register; what is too large for the type becomes infinite. */
    public static String pack(PtxWriter w, DType type, String high, String low) {
        return w.i("cvt.rn." + type.label() + "x2.f32", high, low);
    }

    /** {@link #pack}, but what is too large for float16 becomes its largest number; NaN stays NaN. */
    public static String packSaturated(PtxWriter w, DType type, String high, String low) {
        String pair = pack(w, type, high, low);
        if (type == DType.F16) {
            w.op("min.NaN.f16x2", pair, pair, w.i("mov.b32", "0x7bff7bff"));
            w.op("max.NaN.f16x2", pair, pair, w.i("mov.b32", "0xfbfffbff"));
        }
        return pair;
    }

    /** The float32 values of the lower and the upper half of a 32-bit register. */
    public static String[] unpack(PtxWriter w, DType type, String pair) {
        if (type == DType.F16) {
            String[] halves = {w.fresh('h'), w.fresh('h')};
            w.op("mov.b32", PtxWriter.list(halves), pair);
            return new String[] {w.f("cvt.f32.f16", halves[0]), w.f("cvt.f32.f16", halves[1])};
        }
        return new String[] {low(w, type, pair), w.f("mov.b32", w.i("and.b32", pair, "0xffff0000"))};
    }

    /** The float32 value of the lower half of a 32-bit register. */
    public static String low(PtxWriter w, DType type, String pair) {
        return type == DType.F16 ? unpack(w, type, pair)[0] : w.f("mov.b32", w.i("shl.b32", pair, 16));
    }
}
