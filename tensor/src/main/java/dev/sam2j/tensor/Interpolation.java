package dev.sam2j.tensor;

/** Resampling filters of {@link Backend#interpolate}; all use half-pixel centres ({@code align_corners=False}). */
public enum Interpolation {
    /** The source element below the output position: {@code floor(i * in / out)}. */
    NEAREST,
    /**
     * Two taps per axis without smoothing. The source coordinate is {@code max(fma(s, i + 0.5, -0.5), 0)} in float32
     * with {@code s = in / out} rounded to float32: the order of rounding is visible where values change steeply.
     */
    BILINEAR,
    /**
     * Triangle filter as wide as the reduction, weights normalised per output (as {@link #BILINEAR} when enlarging).
     */
    BILINEAR_ANTIALIAS,
    /** Four taps per axis, cubic convolution with a = -0.75, source indices clamped to the border. */
    BICUBIC
}
