package dev.sam2j.cuda.device;

import dev.sam2j.cuda.driver.CudaDriver;

/**
 * What the operations of one lane have for themselves, since they run beside those of the other.
 *
 * @param lane where their work is queued
 * @param scratch their memory for intermediate results
 * @param deferredUpdate the sum they have put off
 * @param mark a place in the lane that the other one can wait for
 */
record CudaLane(CudaDriver.Lane lane, Scratch scratch, DeferredUpdate deferredUpdate, CudaDriver.Event mark) {}
