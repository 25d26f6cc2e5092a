/** Guesses which pixels of a picture file are meant by a mask or a label. */
package dev.sam2j.predictors.mask.pixels;
