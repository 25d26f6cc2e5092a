/**
 * The CUDA backend: {@link dev.sam2j.cuda.CudaBackend} has one line for each operation, whose class in a room below
 * chooses, writes and launches its kernels.
 */
package dev.sam2j.cuda;
