/** Pictures and how they are read: limits, turning, and the window of samples that is shown. */
package dev.sam2j.predictors.image;
