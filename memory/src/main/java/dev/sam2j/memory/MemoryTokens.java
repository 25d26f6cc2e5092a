package dev.sam2j.memory;

import dev.sam2j.tensor.Tensor;

/**
 * What one object remembers when a frame is processed: whole feature maps first, object pointers last.
 *
 * @param tokens (1, N, memory width)
 * @param positions what is added to the tokens for the keys, (1, N, memory width)
 * @param pointerTokens how many of the last tokens are pointers, which carry no image position
 */
public record MemoryTokens(Tensor tokens, Tensor positions, int pointerTokens) {}
