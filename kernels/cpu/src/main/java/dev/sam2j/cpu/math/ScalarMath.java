package dev.sam2j.cpu.math;

import dev.sam2j.tensor.Activation;

/** Elementary functions on single values, and the constants they share with {@link VectorMath}. */
public final class ScalarMath {
    static final float EXP_MIN = -87f;
    static final float EXP_MAX = 88f;
    static final float ROUND = 0x1.8p23f;
    public static final float LOG2_E = 1.44269504f;
    /** The first bits of ln 2, few enough for exact products with n, and the rest. */
    static final float LN2_HIGH = 0.693359375f;

    static final float LN2_LOW = -2.12194440e-4f;
    // e^r = 1 + r + E2 r^2 + ... on |r| <= ln 2 / 2, minimax in the relative error (3.1e-9).
    static final float E2 = 0.49999994f;
    static final float E3 = 0.1666652f;
    static final float E4 = 0.041668393f;
    static final float E5 = 0.008368781f;
    static final float E6 = 0.0013814467f;

    /** From here on the normal distribution function is 1 to within 1e-7. */
    static final float GELU_END = 5.25f;

    static final float GELU_T = 2 / (GELU_END * GELU_END);
    // (Phi(u) - 1/2) / u as a polynomial in t = 2 (u / 5.25)^2 - 1, minimax for the error of gelu (3.5e-8).
    static final float G0 = 0.134659347f;
    static final float G1 = -0.0671267735f;
    static final float G2 = 0.0496456784f;
    static final float G3 = -0.0397648767f;
    static final float G4 = 0.0320339747f;
    static final float G5 = -0.0250275825f;
    static final float G6 = 0.0185177513f;
    static final float G7 = -0.0128344419f;
    static final float G8 = 0.00849608679f;
    static final float G9 = -0.0053317358f;
    static final float G10 = 0.00274720833f;
    static final float G11 = -0.00114864539f;
    static final float G12 = 0.000794811608f;
    static final float G13 = -0.000617824792f;
    static final float G14 = 0.000195104701f;

    /** From here on the derivative of GELU is 1 to within 4e-8. */
    static final float SLOPE_END = 6;

    static final float SLOPE_T = 2 / (SLOPE_END * SLOPE_END);
    // (gelu'(u) - 1/2) / u as a polynomial in t = 2 (u / 6)^2 - 1, minimax for the error of gelu' (6.6e-8).
    static final float D0 = 0.11789777f;
    static final float D1 = -0.059342667f;
    static final float D2 = 0.046055406f;
    static final float D3 = -0.042373147f;
    static final float D4 = 0.044620954f;
    static final float D5 = -0.050819457f;
    static final float D6 = 0.057983574f;
    static final float D7 = -0.06511015f;
    static final float D8 = 0.07072024f;
    static final float D9 = -0.06287932f;
    static final float D10 = 0.042741857f;
    static final float D11 = -0.042172845f;
    static final float D12 = 0.052218333f;
    static final float D13 = -0.026256226f;
    static final float D14 = -0.005492977f;
    static final float D15 = -0.0024474002f;
    static final float D16 = 0.013863606f;
    static final float D17 = -0.005874238f;

    // log(1 + u) / u - 1 as a polynomial in t = 2 u - 1 on 0 <= u <= 1, minimax (4.0e-9).
    static final float L0 = -0.18906978f;
    static final float L1 = -0.14426357f;
    static final float L2 = 0.033152252f;
    static final float L3 = -0.008460876f;
    static final float L4 = 0.0022897178f;
    static final float L5 = -0.0006431339f;
    static final float L6 = 0.00018087633f;
    static final float L7 = -0.000052317508f;
    static final float L8 = 0.000020521413f;
    static final float L9 = -0.000006520959f;

    private ScalarMath() {}

    /** {@code 1 / (1 + e^-x)}. */
    public static float sigmoid(float x) {
        return (float) (1 / (1 + Math.exp(-x)));
    }

    /**
     * {@code x/2 (1 + erf(x / sqrt 2))}. With Phi the normal distribution function and {@code u = |x|} this is
     * {@code max(x, 0) - u (1 - Phi(u))}, where {@code Phi(u) - 1/2} is u times an even polynomial. The error is below
     * 5e-7 and below {@code 2e-7 |x|}.
     */
    public static float gelu(float x) {
        float u = Math.min(Math.abs(x), GELU_END);
        float t = u * u * GELU_T - 1;
        float p = ((((((G14 * t + G13) * t + G12) * t + G11) * t + G10) * t + G9) * t + G8) * t + G7;
        p = ((((((p * t + G6) * t + G5) * t + G4) * t + G3) * t + G2) * t + G1) * t + G0;
        return Math.max(x, 0) - u * (0.5f - u * p);
    }

    /**
     * Derivative of {@link #gelu}: {@code Phi(x) + x phi(x)}, with phi the normal density. Without 1/2 it is an odd
     * function, x times an even polynomial. The error is below 4e-7.
     */
    public static float geluSlope(float x) {
        float u = Math.max(-SLOPE_END, Math.min(x, SLOPE_END));
        float t = u * u * SLOPE_T - 1;
        float p = (((((D17 * t + D16) * t + D15) * t + D14) * t + D13) * t + D12) * t + D11;
        p = (((((p * t + D10) * t + D9) * t + D8) * t + D7) * t + D6) * t + D5;
        p = ((((p * t + D4) * t + D3) * t + D2) * t + D1) * t + D0;
        return u * p + 0.5f;
    }

    /** Applies a function to one value. */
    public static float apply(Activation function, float x) {
        return switch (function) {
            case NONE -> x;
            case RELU -> Math.max(x, 0);
            case GELU -> gelu(x);
            case SIGMOID -> sigmoid(x);
        };
    }
}
