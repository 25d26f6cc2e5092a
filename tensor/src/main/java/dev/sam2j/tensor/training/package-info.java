/**
 * What a backend computes for training besides inference: adjoints of the operations, the fused mask loss and the
 * optimiser's step.
 */
package dev.sam2j.tensor.training;
