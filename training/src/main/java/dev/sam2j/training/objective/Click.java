package dev.sam2j.training.objective;

/**
 * A point of a prompt in pixels of the model's square picture, without the half pixel that the prompt encoder adds.
 *
 * @param x column
 * @param y row
 * @param label of {@code PromptEncoder}: background 0, foreground 1, corners of a box 2 and 3
 */
public record Click(float x, float y, int label) {}
