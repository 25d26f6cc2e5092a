/**
 * The CUDA backend. {@link dev.sam2j.cuda.CudaBackend} and all that decides what runs where is ordinary Java
 * over the narrow seam {@code CudaDriver}; only classes whose names begin with {@code JCuda} see JCuda, so everything
 * else is tested without a GPU.
 */
package dev.sam2j.cuda;
