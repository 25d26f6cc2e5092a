/** Readers of annotations in the formats in use: whatever a file claims, sizes are checked before memory is taken. */
package dev.sam2j.training.data.formats;
