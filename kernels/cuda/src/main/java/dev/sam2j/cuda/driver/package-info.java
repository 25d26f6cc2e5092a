/**
 * The seam to CUDA: the interface {@link dev.sam2j.cuda.driver.CudaDriver} and, in the classes whose names begin with
 * {@code JCuda}, its one implementation for real devices. Tests have another, so all else is tested without a GPU.
 */
package dev.sam2j.cuda.driver;
