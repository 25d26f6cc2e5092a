package dev.sam2j.cuda.ptx.interpreter;

import dev.sam2j.tensor.host.HalfPrecision;
import java.util.HashMap;
import java.util.Map;

/**
 * Arithmetic, logic and conversion instructions that act on each lane alone, by full mnemonic. Values are register
 * slots: the low bits count, whoever reads fewer than 64 narrows first. Approximate functions are computed in double
 * and rounded.
 */
final class Alu {
    /** A function of up to three registers. */
    @FunctionalInterface
    interface Function {
        long apply(long a, long b, long c);
    }

    /** A function of one float. */
    private interface FloatFunction {
        double apply(float a);
    }

    /** A function of two floats. */
    interface FloatBinary {
        float apply(float a, float b);
    }

    /** A comparison result, from the sign of a three-way comparison. */
    private interface Relation {
        boolean holds(int order);
    }

    static final Map<String, Function> FUNCTIONS = new HashMap<>();
    private static final Map<String, Relation> RELATIONS = Map.of(
            "eq",
            o -> o == 0,
            "ne",
            o -> o != 0,
            "lt",
            o -> o < 0,
            "le",
            o -> o <= 0,
            "gt",
            o -> o > 0,
            "ge",
            o -> o >= 0);

    private Alu() {}

    static {
        moves();
        integers();
        wide();
        floats();
        conversions();
        comparisons();
    }

    private static void put(Function function, String... names) {
        for (String name : names) {
            FUNCTIONS.put(name, function);
        }
    }

    private static void moves() {
        put(
                (a, b, c) -> a,
                "mov.b16",
                "mov.b32",
                "mov.u32",
                "mov.s32",
                "mov.f32",
                "mov.b64",
                "mov.u64",
                "mov.s64",
                "mov.pred");
        put(
                (a, b, c) -> c != 0 ? a : b,
                "selp.b16",
                "selp.b32",
                "selp.u32",
                "selp.s32",
                "selp.f32",
                "selp.b64",
                "selp.u64");
        put((a, b, c) -> a & b, "and.b16", "and.b32", "and.b64", "and.pred");
        put((a, b, c) -> a | b, "or.b16", "or.b32", "or.b64", "or.pred");
        put((a, b, c) -> a ^ b, "xor.b16", "xor.b32", "xor.b64", "xor.pred");
        put((a, b, c) -> ~a, "not.b32", "not.b64");
        put((a, b, c) -> a == 0 ? 1 : 0, "not.pred");
        put((a, b, c) -> permute(a, b, (int) c), "prmt.b32");
    }

    private static long permute(long a, long b, int selector) {
        long bytes = a & 0xffffffffL | b << 32;
        long result = 0;
        for (int i = 0; i < 4; i++) {
            int choice = selector >>> 4 * i & 15;
            if (choice > 7) {
                throw new Fault("prmt with sign replication is not supported");
            }
            result |= (bytes >>> 8 * choice & 0xff) << 8 * i;
        }
        return result;
    }

    private static void integers() {
        put((a, b, c) -> (int) a + (int) b, "add.s32", "add.u32");
        put((a, b, c) -> (int) a - (int) b, "sub.s32", "sub.u32");
        put((a, b, c) -> (int) a * (int) b, "mul.lo.s32", "mul.lo.u32");
        put((a, b, c) -> (int) a * (int) b + (int) c, "mad.lo.s32", "mad.lo.u32");
        put((a, b, c) -> unsigned(a) * unsigned(b) >>> 32, "mul.hi.u32");
        put((a, b, c) -> divide((int) a, (int) b), "div.s32");
        put((a, b, c) -> remainder((int) a, (int) b), "rem.s32");
        put((a, b, c) -> unsigned(a) / nonZero(unsigned(b)), "div.u32");
        put((a, b, c) -> unsigned(a) % nonZero(unsigned(b)), "rem.u32");
        put((a, b, c) -> Math.min((int) a, (int) b), "min.s32");
        put((a, b, c) -> Math.max((int) a, (int) b), "max.s32");
        put((a, b, c) -> Math.min(unsigned(a), unsigned(b)), "min.u32");
        put((a, b, c) -> Math.max(unsigned(a), unsigned(b)), "max.u32");
        put((a, b, c) -> -(int) a, "neg.s32");
        put((a, b, c) -> unsigned(b) > 31 ? 0 : (int) a << b, "shl.b32");
        put((a, b, c) -> unsigned(b) > 31 ? 0 : unsigned(a) >>> b, "shr.u32", "shr.b32");
        put((a, b, c) -> (int) a >> Math.min(unsigned(b), 31), "shr.s32");
        put((a, b, c) -> Integer.bitCount((int) a), "popc.b32");
        put((a, b, c) -> Integer.numberOfLeadingZeros((int) a), "clz.b32");
        put((a, b, c) -> 31 - Integer.numberOfLeadingZeros((int) a), "bfind.u32"); // all ones if no bit is set
        put((a, b, c) -> unsigned(Integer.reverse((int) a)), "brev.b32");
    }

    private static long divide(int a, int b) {
        return a / (int) nonZero(b);
    }

    private static long remainder(int a, int b) {
        return a % (int) nonZero(b);
    }

    private static long nonZero(long divisor) {
        if (divisor == 0) {
            throw new Fault("division by zero");
        }
        return divisor;
    }

    private static void wide() {
        put((a, b, c) -> a + b, "add.s64", "add.u64");
        put((a, b, c) -> a - b, "sub.s64", "sub.u64");
        put((a, b, c) -> a * b, "mul.lo.s64", "mul.lo.u64");
        put((a, b, c) -> a * b + c, "mad.lo.s64", "mad.lo.u64");
        put((a, b, c) -> unsigned(a) * unsigned(b), "mul.wide.u32");
        put((a, b, c) -> (long) (int) a * (int) b, "mul.wide.s32");
        put((a, b, c) -> unsigned(a) * unsigned(b) + c, "mad.wide.u32");
        put((a, b, c) -> (long) (int) a * (int) b + c, "mad.wide.s32");
        put((a, b, c) -> unsigned(b) > 63 ? 0 : a << b, "shl.b64");
        put((a, b, c) -> unsigned(b) > 63 ? 0 : a >>> b, "shr.u64", "shr.b64");
    }

    private static void floats() {
        binary("add", (a, b) -> a + b, "", ".rn");
        binary("sub", (a, b) -> a - b, "", ".rn");
        binary("mul", (a, b) -> a * b, "", ".rn");
        binary("div", (a, b) -> a / b, ".rn");
        binary("min", (a, b) -> Float.isNaN(a) ? b : Float.isNaN(b) ? a : Math.min(a, b), "");
        binary("max", (a, b) -> Float.isNaN(a) ? b : Float.isNaN(b) ? a : Math.max(a, b), "");
        put((a, b, c) -> bits(Math.fma(f(a), f(b), f(c))), "fma.rn.f32");
        put((a, b, c) -> a ^ 0x80000000L, "neg.f32");
        put((a, b, c) -> a & 0x7fffffffL, "abs.f32");
        unary(a -> Math.pow(2, a), "ex2.approx.f32");
        put((a, b, c) -> bits(flushed(Math.pow(2, f(a)))), "ex2.approx.ftz.f32");
        unary(a -> Math.log(a) / Math.log(2), "lg2.approx.f32", "lg2.approx.ftz.f32");
        unary(a -> 1.0 / a, "rcp.rn.f32", "rcp.approx.f32", "rcp.approx.ftz.f32");
        unary(a -> Math.sqrt(a), "sqrt.rn.f32", "sqrt.approx.f32");
        unary(a -> 1 / Math.sqrt(a), "rsqrt.approx.f32");
        unary(a -> Math.tanh(a), "tanh.approx.f32");
    }

    private static float flushed(double value) {
        return Math.abs(value) < Float.MIN_NORMAL ? 0 : (float) value;
    }

    private static void binary(String name, FloatBinary function, String... roundings) {
        for (String rounding : roundings) {
            put((a, b, c) -> bits(function.apply(f(a), f(b))), name + rounding + ".f32");
        }
    }

    private static void unary(FloatFunction function, String... names) {
        put((a, b, c) -> bits((float) function.apply(f(a))), names);
    }

    private static void conversions() {
        put((a, b, c) -> unsigned(a), "cvt.u64.u32");
        put((a, b, c) -> (int) a, "cvt.s64.s32");
        put((a, b, c) -> unsigned(a), "cvt.u32.u64");
        put((a, b, c) -> a & 0xffff, "cvt.u32.u16", "cvt.u16.u32");
        put((a, b, c) -> bits((int) a), "cvt.rn.f32.s32");
        put((a, b, c) -> bits((float) unsigned(a)), "cvt.rn.f32.u32");
        put((a, b, c) -> (int) f(a), "cvt.rzi.s32.f32");
        put((a, b, c) -> (int) Math.floor(f(a)), "cvt.rmi.s32.f32");
        put((a, b, c) -> (int) Math.ceil(f(a)), "cvt.rpi.s32.f32");
        put((a, b, c) -> bits((float) Math.floor(f(a))), "cvt.rmi.f32.f32");
        put((a, b, c) -> Types.floatToBf16(f(a)), "cvt.rn.bf16.f32");
        put((a, b, c) -> (long) Types.floatToBf16(f(a)) << 16 | Types.floatToBf16(f(b)), "cvt.rn.bf16x2.f32");
        put((a, b, c) -> (long) Types.floatToF16(f(a)) << 16 | Types.floatToF16(f(b)), "cvt.rn.f16x2.f32");
        put((a, b, c) -> Types.eachF16(a, b, Math::min), "min.NaN.f16x2");
        put((a, b, c) -> Types.eachF16(a, b, Math::max), "max.NaN.f16x2");
        put((a, b, c) -> bits(HalfPrecision.fromF16((short) a)), "cvt.f32.f16");
    }

    private static void comparisons() {
        RELATIONS.forEach((name, relation) -> {
            put((a, b, c) -> bit(relation.holds(Integer.compare((int) a, (int) b))), "setp." + name + ".s32");
            put((a, b, c) -> bit(relation.holds(Long.compare(unsigned(a), unsigned(b)))), "setp." + name + ".u32");
            put((a, b, c) -> bit(relation.holds(Long.compareUnsigned(a, b))), "setp." + name + ".u64");
            put((a, b, c) -> bit(relation.holds(Long.compare(a, b))), "setp." + name + ".s64");
            put(
                    (a, b, c) -> bit(ordered(a, b) && relation.holds(Double.compare(f(a) + 0.0, f(b) + 0.0))),
                    "setp." + name + ".f32");
        });
    }

    private static boolean ordered(long a, long b) {
        return !Float.isNaN(f(a)) && !Float.isNaN(f(b));
    }

    private static long bit(boolean value) {
        return value ? 1 : 0;
    }

    static float f(long slot) {
        return Float.intBitsToFloat((int) slot);
    }

    static long bits(float value) {
        return Float.floatToRawIntBits(value) & 0xffffffffL;
    }

    private static long unsigned(long slot) {
        return slot & 0xffffffffL;
    }
}
