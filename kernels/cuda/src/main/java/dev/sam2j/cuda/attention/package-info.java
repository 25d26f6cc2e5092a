/**
 * Fused attention: the choice of a kernel, its launch, and the generators for float32, for tensor cores since Ampere
 * ({@code Flash...}) and for Hopper alone.
 */
package dev.sam2j.cuda.attention;
