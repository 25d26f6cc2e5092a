/** Sessions in files, to go on with later. */
package dev.sam2j.predictors.video.saved;
