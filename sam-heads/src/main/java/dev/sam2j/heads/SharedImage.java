package dev.sam2j.heads;

import dev.sam2j.tensor.Tensor;

/**
 * An image that many prompts are decoded for, with what the first layer of the mask decoder's transformer makes of it
 * before it sees a prompt; see {@link MaskDecoder#share}.
 *
 * @param image (1, N, C)
 * @param keys of the image for the tokens' attention, (1, N, inner)
 * @param values likewise
 * @param queries of the image for its attention to the tokens, (1, N, inner)
 */
public record SharedImage(Tensor image, Tensor keys, Tensor values, Tensor queries) {}
