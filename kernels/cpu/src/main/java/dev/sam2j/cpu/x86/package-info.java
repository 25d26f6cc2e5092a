/**
 * Machine code for the bfloat16 instructions that the Vector API has not: an assembler, the code, and how it is linked.
 */
package dev.sam2j.cpu.x86;
