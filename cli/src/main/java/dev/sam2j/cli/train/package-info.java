/** {@code sam2j train}: fine-tuning. */
package dev.sam2j.cli.train;
