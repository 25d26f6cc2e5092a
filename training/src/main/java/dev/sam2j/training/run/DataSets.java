package dev.sam2j.training.run;

import dev.sam2j.training.data.DataSet;

/**
 * The pictures of a run.
 *
 * @param training learned from
 * @param validation scored after each epoch
 * @param general whose skill is to be kept, or null
 */
public record DataSets(DataSet training, DataSet validation, DataSet general) {}
