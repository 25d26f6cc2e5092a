/**
 * The mask decoder's operations in which few prompt tokens meet a picture, fused and without a picture per prompt.
 */
package dev.sam2j.cpu.decoder;
