/**
 * Annotated pictures on their way to a training step: {@link dev.sam2j.training.data.Sample}s are checked once, split,
 * drawn into {@link dev.sam2j.training.data.TrainingBatch}es by a {@link dev.sam2j.training.data.Sampler} and read ahead
 * by {@link dev.sam2j.training.data.Prefetch}.
 */
package dev.sam2j.training.data;
