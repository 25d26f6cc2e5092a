/**
 * Tensors in the memory of a device, and what is computed with them: models call {@code Ops}, which checks shapes and
 * takes results from a {@code Workspace}, and a {@code Backend} computes. Operations that fuse several others are
 * values, {@code FusedOp}, which a backend computes in a form of its own or step by step.
 */
package dev.sam2j.tensor;
