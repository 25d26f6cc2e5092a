/**
 * The parts of SAM 2 that are trained, written once more for that: as in {@code dev.sam2j.heads}, but on a tape,
 * without fusions and without overwriting what the way back needs.
 */
package dev.sam2j.training.model;
