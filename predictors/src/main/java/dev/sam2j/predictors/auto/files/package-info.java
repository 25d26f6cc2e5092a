/** The files that segmenting everything in a picture writes. */
package dev.sam2j.predictors.auto.files;
