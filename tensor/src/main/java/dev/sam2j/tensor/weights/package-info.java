/**
 * Parameters of a model: layers ask for them by path and shape, {@code Weights} compares all that was asked for with
 * what the checkpoint, a {@code WeightSource}, holds, and puts them on the backend when they are first used.
 */
package dev.sam2j.tensor.weights;
