/**
 * Operations on rows of adjacent values: layer normalization, pointwise functions, sums, rotations.
 */
package dev.sam2j.cpu.rows;
