/**
 * What every operation stands on: tensors' memory on the Java heap, rows of values in it, the threads that share the
 * work of one operation, and their temporary arrays.
 */
package dev.sam2j.cpu.runtime;
