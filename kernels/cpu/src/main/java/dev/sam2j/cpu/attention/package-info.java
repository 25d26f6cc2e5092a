/**
 * Attention over all tokens or in windows: keys and values packed once, then blocks of queries with an online softmax.
 */
package dev.sam2j.cpu.attention;
