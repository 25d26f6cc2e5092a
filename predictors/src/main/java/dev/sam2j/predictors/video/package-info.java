/** Tracking objects through videos and live streams. */
package dev.sam2j.predictors.video;
