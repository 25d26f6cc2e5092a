package dev.sam2j.cuda.attention;

import dev.sam2j.tensor.DType;

/**
 * Sizes of an attention.
 *
 * @param type of queries, keys, values and output
 * @param keyDim columns of a head's queries and keys
 * @param valueDim columns of a head's values
 * @param queries of a batch entry
 * @param keys of a batch entry
 */
public record AttentionShape(DType type, int keyDim, int valueDim, int queries, int keys, int heads, int batch) {}
