/** Operations of training: adjoints, the mask loss, the optimiser's step. All of it is in float32. */
package dev.sam2j.cpu.training;
