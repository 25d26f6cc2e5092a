package dev.sam2j.cuda.device;

import dev.sam2j.cuda.driver.CudaDriver;

/**
 * What the operations of one stream have for themselves, since they run beside those of the other.
 *
 * @param stream where their work is queued
 * @param scratch their memory for intermediate results
 * @param deferredUpdate the sum they have deferred
 * @param mark a place in it that the other stream can wait for
 */
record CudaStream(CudaDriver.Stream stream, Scratch scratch, DeferredUpdate deferredUpdate, CudaDriver.Event mark) {}
