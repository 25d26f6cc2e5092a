package dev.sam2j.training.objective;

import java.util.List;

/**
 * The prompts of a batch.
 *
 * @param first the first prompt of each object, one click or the two corners of a box, equally many of each
 * @param corrections how many clicks each object gets after that
 * @param corrector who makes them
 */
public record PromptPlan(List<List<Click>> first, int corrections, Corrections corrector) {}
