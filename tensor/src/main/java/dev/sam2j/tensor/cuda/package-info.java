/**
 * The CUDA backend. {@link dev.sam2j.tensor.cuda.CudaBackend} and all that decides what runs where is ordinary Java
 * over the narrow seam {@code CudaDriver}; only {@code JCudaDriver...} classes see JCuda, so everything else is tested
 * without a GPU.
 */
package dev.sam2j.tensor.cuda;
