/** Layers with their weights: linear, convolutions, normalization, perceptron, position encoding. */
package dev.sam2j.tensor.nn;
