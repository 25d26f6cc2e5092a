/**
 * Finds and loads CUDA's libraries, and JCuda's, without settings by the user. Nothing here knows of kernels or
 * tensors, and {@link dev.sam2j.cuda.library.JCudaLoader} alone touches JCuda.
 */
package dev.sam2j.cuda.library;
