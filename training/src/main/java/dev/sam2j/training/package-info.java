/** Fine-tuning: from annotated pictures to a checkpoint. */
package dev.sam2j.training;
