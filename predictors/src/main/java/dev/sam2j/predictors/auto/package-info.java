/** Segmenting everything in a picture: points spread over it are answered, poor and repeated masks dropped. */
package dev.sam2j.predictors.auto;
