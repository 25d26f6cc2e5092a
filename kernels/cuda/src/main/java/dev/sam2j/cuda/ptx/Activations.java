package dev.sam2j.cuda.ptx;

import dev.sam2j.tensor.Activation;

/** Activations of values in registers: {@link Activation#GELU} with an absolute error below 3e-7. */
public final class Activations {
    /**
     * Coefficients, by rising power of {@code |x|} below 5.5, of {@code -log2(erfc(|x| / sqrt 2) / 2)}: smooth, so that
     * a polynomial and one exponential give the tail. Fitted to minimise the error of {@code |x|} times the tail, 5e-8,
     * while the tail's own relative error stays below 6e-5; beyond, the polynomial keeps rising and the tail vanishes.
     */
    private static final float[] HALF_ERFC_BITS = {
        0.99998909f, 1.15124738f, 0.45860606f, 0.05367325f, -0.00828541f, 0.00085028f, -4.81480456e-5f, 9.89635396e-7f
    };

    private static final float LOG2_E = 1.442695f;

    private Activations() {}

    /** Value of a kernel's {@code activation} parameter that selects a function. */
    public static int code(Activation activation) {
        return activation.ordinal();
    }

    /** Replaces each register of {@code values} by the function that the uniform register {@code code} selects. */
    public static void apply(PtxWriter w, String code, String[] values) {
        String end = w.label();
        w.jumpIf(w.p("setp.eq.s32", code, code(Activation.NONE)), end);
        for (Activation activation : new Activation[] {Activation.RELU, Activation.GELU, Activation.SIGMOID}) {
            String next = w.label();
            w.jumpIf(w.p("setp.ne.s32", code, code(activation)), next);
            apply(w, activation, values);
            w.jump(end);
            w.place(next);
        }
        w.place(end);
    }

    /** Replaces each register of {@code values} by a function of it. */
    public static void apply(PtxWriter w, Activation activation, String... values) {
        if (activation != Activation.NONE) {
            for (String value : values) {
                w.op("mov.f32", value, of(w, activation, value));
            }
        }
    }

    private static String of(PtxWriter w, Activation activation, String x) {
        return switch (activation) {
            case NONE -> x;
            case RELU -> w.f("max.f32", x, PtxWriter.constant(0));
            case GELU -> gelu(w, x);
            case SIGMOID -> {
                String power = w.f("ex2.approx.ftz.f32", w.f("mul.f32", x, PtxWriter.constant(-LOG2_E)));
                yield w.f("rcp.approx.ftz.f32", w.f("add.f32", power, PtxWriter.constant(1)));
            }
        };
    }

    /** {@code max(x, 0) - |x| tail}, free of cancellation for both signs. */
    private static String gelu(PtxWriter w, String x) {
        String negative = w.f("neg.f32", w.f("abs.f32", x));
        int last = HALF_ERFC_BITS.length - 1;
        String exponent = PtxWriter.constant(-HALF_ERFC_BITS[last] * sign(last));
        for (int i = last - 1; i >= 0; i--) {
            exponent = w.f("fma.rn.f32", exponent, negative, PtxWriter.constant(-HALF_ERFC_BITS[i] * sign(i)));
        }
        String tail = w.f("ex2.approx.ftz.f32", exponent);
        return w.f("fma.rn.f32", negative, tail, w.f("max.f32", x, PtxWriter.constant(0)));
    }

    /** Odd powers change their sign with the argument. */
    private static int sign(int power) {
        return power % 2 == 0 ? 1 : -1;
    }
}
