package dev.sam2j.cuda.ptx;

import java.util.List;
import java.util.stream.Stream;

/** Storage type of the tensors a kernel reads and writes. */
public enum ElementType {
    /** IEEE 754 binary32. */
    F32(4, "f32"),
    /** IEEE 754 binary16; stores round to nearest, ties to even, and end at 65504 in either direction. */
    F16(2, "f16"),
    /** The upper half of a binary32; stores round to nearest, ties to even. */
    BF16(2, "bf16");

    /** The types of two bytes, which tensor cores multiply. */
    public static final List<ElementType> HALVES = List.of(F16, BF16);
    /** The types that bfloat16 rounds. */
    static final List<ElementType> FINER_THAN_BF16 = List.of(F32, F16);

    private final int bytes;
    private final String label;

    ElementType(int bytes, String label) {
        this.bytes = bytes;
        this.label = label;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Name as it occurs in kernel entries. */
    public String label() {
        return label;
    }

    /** Whether elements have two bytes. */
    public boolean isHalf() {
        return bytes == 2;
    }

    /** Types that occur in one kernel together with this one: a model has one half type beside float32. */
    public List<ElementType> companions() {
        return Stream.of(values())
                .filter(other -> this == F32 || other == F32 || other == this)
                .toList();
    }

    /** Types of the sums and factors of a product of this half type, as in the names of its instructions. */
    public String product() {
        return "f32." + label + "." + label;
    }

    /** Rounds two float32 to halves of a 32-bit register; what is too large for the type becomes infinite. */
    public String pack(PtxWriter w, String high, String low) {
        return w.i("cvt.rn." + label + "x2.f32", high, low);
    }

    /** {@link #pack}, but what is too large for float16 becomes its largest number; NaN stays NaN. */
    public String packSaturated(PtxWriter w, String high, String low) {
        String pair = pack(w, high, low);
        if (this == F16) {
            w.op("min.NaN.f16x2", pair, pair, w.i("mov.b32", "0x7bff7bff"));
            w.op("max.NaN.f16x2", pair, pair, w.i("mov.b32", "0xfbfffbff"));
        }
        return pair;
    }

    /** The float32 values of the lower and the upper half of a 32-bit register. */
    public String[] unpack(PtxWriter w, String pair) {
        if (this == F16) {
            String[] halves = {w.fresh('h'), w.fresh('h')};
            w.op("mov.b32", PtxWriter.list(halves), pair);
            return new String[] {w.f("cvt.f32.f16", halves[0]), w.f("cvt.f32.f16", halves[1])};
        }
        return new String[] {low(w, pair), w.f("mov.b32", w.i("and.b32", pair, "0xffff0000"))};
    }

    /** The float32 value of the lower half of a 32-bit register. */
    String low(PtxWriter w, String pair) {
        return this == F16 ? unpack(w, pair)[0] : w.f("mov.b32", w.i("shl.b32", pair, 16));
    }
}
