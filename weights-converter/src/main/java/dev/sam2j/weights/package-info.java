/**
 * Reading, writing, converting and downloading checkpoints. Files are treated as hostile: nothing in them is executed,
 * nothing is allocated before its size has been checked against the file, and every defect is one {@link
 * dev.sam2j.weights.CheckpointException}.
 */
package dev.sam2j.weights;
