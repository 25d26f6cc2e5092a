/** How objects are tracked: prompts and frames become masks and memories, which later frames read. */
package dev.sam2j.predictors.video.tracking;
