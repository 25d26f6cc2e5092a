/**
 * Attention over all tokens or in windows: keys and values packed once, then blocks of queries with an online softmax;
 * the tiles in vector, scalar and bfloat16 form.
 */
package dev.sam2j.cpu.attention;
