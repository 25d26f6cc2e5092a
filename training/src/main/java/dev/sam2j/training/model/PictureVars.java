package dev.sam2j.training.model;

import dev.sam2j.training.grad.Var;

/**
 * What prompts about one picture are applied to.
 *
 * @param image embedding with the no-memory embedding, (1, h*w, C)
 * @param highRes0 (1, 4h, 4w, C/8), after {@code conv_s0}
 * @param highRes1 (1, 2h, 2w, C/4), after {@code conv_s1}
 */
public record PictureVars(Var image, Var highRes0, Var highRes1) {}
