package dev.sam2j.tensor.fused;

import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;

/**
 * Embedded images (B, N, C), one for each of B prompts, or one that prompts share (B = 1): what {@link AttendImage}
 * reads, {@link AttendTokens} writes, and {@link DrawMasks} draws. They are {@link DenseImages}, or what a backend made
 * of one in {@link ShareImage}.
 */
public interface Images {
    /** B. */
    int batch();

    /** N. */
    int pixels();

    /** C. */
    int channels();

    /** Entries {@code from} (inclusive) to {@code to} (exclusive) as they are now, a view. */
    Images slice(int from, int to);

    /** Whether this image can be that of prompts of {@code tokens} tokens. */
    boolean suits(int tokens);

    /**
     * Room for what this image becomes for each of {@code batch} prompts when it attends to their tokens.
     *
     * @param tokens of each prompt
     * @param workspace where the images lie, in its current frame
     */
    Images expand(int batch, int tokens, Workspace workspace);

    /** The tensors that they lie in, as a section that is captured has to name them. */
    Tensor[] tensors();
}
