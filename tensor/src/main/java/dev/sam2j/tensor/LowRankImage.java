package dev.sam2j.tensor;

/**
 * Images (B, N, C) of B prompts that differ from one they share by few rows:
 *
 * <pre>{@code
 * x[b][n] = scale[b][n] (base[n] + sum_r coefficients[b][r][n] rows[b][r]) + constant
 * }</pre>
 *
 * <p>Made and used by {@link LowRankOps}; lies in the frame of the workspace that it was made in.
 */
public interface LowRankImage {
    /** B. */
    int batch();

    /** N. */
    int positions();

    /** C. */
    int channels();

    /** Entries {@code from} (inclusive) to {@code to} (exclusive) as they are now, a view. */
    LowRankImage slice(int from, int to);
}
