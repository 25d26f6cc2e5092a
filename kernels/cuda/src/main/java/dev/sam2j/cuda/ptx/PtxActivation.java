package dev.sam2j.cuda.ptx;

/** Elementwise functions that kernels apply in registers; a launch parameter selects one. */
public enum PtxActivation {
    /** The identity. */
    NONE,
    /** {@code max(x, 0)}. */
    RELU,
    /** {@code x/2 (1 + erf(x / sqrt 2))}; absolute error below 3e-7. */
    GELU,
    /** {@code 1 / (1 + exp(-x))}. */
    SIGMOID;

    /**
     * Coefficients, by rising power of {@code |x|} below 5.5, of {@code -log2(erfc(|x| / sqrt 2) / 2)}: smooth, so that
     * a polynomial and one exponential give the tail. Fitted to minimise the error of {@code |x|} times the tail, 5e-8,
     * while the tail's own relative error stays below 6e-5; beyond, the polynomial keeps rising and the tail vanishes.
     */
    private static final float[] HALF_ERFC_BITS = {
        0.99998909f, 1.15124738f, 0.45860606f, 0.05367325f, -0.00828541f, 0.00085028f, -4.81480456e-5f, 9.89635396e-7f
    };

    private static final float LOG2_E = 1.442695f;

    /** Value of a kernel's {@code activation} parameter that selects this function. */
    public int code() {
        return ordinal();
    }

    /** Replaces each register of {@code values} by the function that the uniform register {@code code} selects. */
    public static void apply(PtxWriter w, String code, String[] values) {
        String end = w.label();
        w.jumpIf(w.p("setp.eq.s32", code, NONE.code()), end);
        for (PtxActivation activation : new PtxActivation[] {RELU, GELU, SIGMOID}) {
            String next = w.label();
            w.jumpIf(w.p("setp.ne.s32", code, activation.code()), next);
            activation.apply(w, values);
            w.jump(end);
            w.place(next);
        }
        w.place(end);
    }

    /** Replaces each register of {@code values} by this function of it. */
    public void apply(PtxWriter w, String... values) {
        if (this != NONE) {
            for (String value : values) {
                w.op("mov.f32", value, emit(w, value));
            }
        }
    }

    private String emit(PtxWriter w, String x) {
        return switch (this) {
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
