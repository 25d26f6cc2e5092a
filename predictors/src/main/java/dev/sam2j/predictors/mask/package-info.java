/** Masks and label maps: sets of pixels, their codings, files and outlines, and drawings of them. */
package dev.sam2j.predictors.mask;
