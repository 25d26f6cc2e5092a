/** {@code sam2j inspect}, {@code convert} and {@code download}: files of weights. */
package dev.sam2j.cli.weights;
