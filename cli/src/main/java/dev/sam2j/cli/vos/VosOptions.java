package dev.sam2j.cli.vos;

import dev.sam2j.predictors.video.VideoOptions;

/**
 * How videos of a benchmark are segmented.
 *
 * @param perObject whether masks lie in a folder for each object and may overlap
 * @param allMasks whether all masks that are there say what the objects are, not only the first of each
 * @param lateObjects whether objects may appear after the first frame
 * @param video how they are tracked
 */
record VosOptions(boolean perObject, boolean allMasks, boolean lateObjects, VideoOptions video) {}
