/**
 * Functions of single values and of vectors of them (powers of two, GELU, sigmoid), and the width of vectors in this
 * process.
 */
package dev.sam2j.cpu.math;
