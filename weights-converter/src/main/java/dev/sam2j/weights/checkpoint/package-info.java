/**
 * Checkpoints of any format and naming as one source under the official names: folders, indexes, prefixes of training
 * programs, the names of Hugging Face, and which model it is.
 */
package dev.sam2j.weights.checkpoint;
