/**
 * The backend that computes on the processor, in float32 or with bfloat16 factors: the operations a model calls, the
 * choice between vector, scalar and bfloat16 kernels, and their warm-up. The operations themselves lie in rooms by
 * subject.
 */
package dev.sam2j.cpu;
