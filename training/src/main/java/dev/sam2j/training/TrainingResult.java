package dev.sam2j.training;

import java.nio.file.Path;

/**
 * What a run has come to.
 *
 * @param steps steps of the optimiser
 * @param epochs passes over the pictures, the last one perhaps not whole
 * @param bestEpoch the epoch of the best validation, 0 if nothing was better than the weights before
 * @param before scores of the weights before
 * @param best scores of the best weights
 * @param generalBefore scores of the weights before on the pictures whose skill is to be kept, or null
 * @param generalBest scores of the best weights on them, or null
 * @param checkpoint the best weights
 * @param report the page about the run
 */
public record TrainingResult(
        long steps,
        int epochs,
        int bestEpoch,
        ValidationScores before,
        ValidationScores best,
        ValidationScores generalBefore,
        ValidationScores generalBest,
        Path checkpoint,
        Path report) {}
