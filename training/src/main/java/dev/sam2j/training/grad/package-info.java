/** Reverse-mode differentiation: values with gradients, the tape that remembers how they were made, parameters. */
package dev.sam2j.training.grad;
