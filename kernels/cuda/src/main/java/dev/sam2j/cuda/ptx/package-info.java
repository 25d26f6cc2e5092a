/**
 * CUDA kernels as PTX text. Each class writes the variants of one operation and describes their launch ({@link
 * dev.sam2j.cuda.ptx.PtxKernel}); nothing here touches a driver. Operations mean what {@code
 * dev.sam2j.tensor.Backend} says.
 *
 * <p>Common conventions: row strides count elements; elements are float32, float16 or bfloat16 and all arithmetic is float32; an
 * optional pointer is 0 when absent; one launch handles fewer than 2^31 elements.
 */
package dev.sam2j.cuda.ptx;
