/**
 * Tensors in the memory of a device, and what is computed with them: models call {@code Ops}, which checks shapes and
 * takes results from a {@code Workspace}, and a {@code Backend} computes. {@code Weights} are parameters by path;
 * {@code Backends} finds devices.
 */
package dev.sam2j.tensor;
