package dev.sam2j.kernels.ptx;

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
     * {@code h(x) = erfc(|x| / sqrt 2) / 2 = exp(-x²/2) t (c1 + t (c2 + ...))} with {@code t = 1 / (1 + p |x|)}: the
     * form of Abramowitz and Stegun 7.1.26, the coefficients fitted to minimise the error of {@code |x| h(x)} (5e-10
     * before rounding).
     */
    private static final float[] HALF_ERFC = {
        0.09020371f, 0.15147918f, -0.13950826f, 0.59939444f, -0.61938637f, 0.5406225f, -0.12280523f
    };

    private static final float HALF_ERFC_P = 0.2404163f;
    private static final float LOG2_E = 1.442695f;

    /** Value of a kernel's {@code activation} parameter that selects this function. */
    public int code() {
        return ordinal();
    }

    /** Replaces each register of {@code values} by the function that the uniform register {@code code} selects. */
    static void apply(PtxWriter w, String code, String[] values) {
        String end = w.label();
        w.jumpIf(w.p("setp.eq.s32", code, NONE.code()), end);
        for (PtxActivation activation : new PtxActivation[] {RELU, GELU, SIGMOID}) {
            String next = w.label();
            w.jumpIf(w.p("setp.ne.s32", code, activation.code()), next);
            for (String value : values) {
                w.op("mov.f32", value, activation.emit(w, value));
            }
            w.jump(end);
            w.place(next);
        }
        w.place(end);
    }

    private String emit(PtxWriter w, String x) {
        return switch (this) {
            case NONE -> x;
            case RELU -> w.f("max.f32", x, PtxWriter.constant(0));
            case GELU -> gelu(w, x);
            case SIGMOID -> {
                String power = w.f("ex2.approx.f32", w.f("mul.f32", x, PtxWriter.constant(-LOG2_E)));
                yield w.f("rcp.rn.f32", w.f("add.f32", power, PtxWriter.constant(1)));
            }
        };
    }

    /** {@code max(x, 0) - |x| h(x)}, free of cancellation for both signs. */
    private static String gelu(PtxWriter w, String x) {
        String magnitude = w.f("abs.f32", x);
        String t =
                w.f("rcp.rn.f32", w.f("fma.rn.f32", magnitude, PtxWriter.constant(HALF_ERFC_P), PtxWriter.constant(1)));
        String sum = w.f("mov.f32", PtxWriter.constant(HALF_ERFC[HALF_ERFC.length - 1]));
        for (int i = HALF_ERFC.length - 2; i >= 0; i--) {
            sum = w.f("fma.rn.f32", sum, t, PtxWriter.constant(HALF_ERFC[i]));
        }
        sum = w.f("mul.f32", sum, t);
        String square = w.f("mul.f32", x, x);
        String power = w.f("ex2.approx.f32", w.f("mul.f32", square, PtxWriter.constant(-0.5f * LOG2_E)));
        String tail = w.f("mul.f32", w.f("mul.f32", sum, power), magnitude);
        return w.f("sub.f32", w.f("max.f32", x, PtxWriter.constant(0)), tail);
    }
}
