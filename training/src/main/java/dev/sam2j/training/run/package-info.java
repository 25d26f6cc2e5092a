/** A training run: features of the frozen encoder and where they are kept, the loop over batches, validation, files. */
package dev.sam2j.training.run;
