/**
 * Matrix products and attention whose factors are rounded to bfloat16: words of two values, and the tiles that multiply
 * them, by machine code or in plain Java.
 */
package dev.sam2j.cpu.bf16;
