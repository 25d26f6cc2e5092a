/**
 * Operations on rows of adjacent values: layer normalization, activations, sums, rotations, copies.
 */
package dev.sam2j.cpu.rows;
