/** The optimiser: learning rates, weight decay by kind of parameter, clipping, AdamW. */
package dev.sam2j.training.optim;
