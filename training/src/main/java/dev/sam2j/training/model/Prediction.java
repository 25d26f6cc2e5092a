package dev.sam2j.training.model;

import dev.sam2j.training.grad.Var;

/**
 * What one prediction step says about N objects.
 *
 * @param masks logits on the grid of a quarter of the model's picture, (N, M, h*w)
 * @param iou predicted quality of each mask, (N, M)
 * @param objectScore logit of the object being present, (N, 1)
 */
public record Prediction(Var masks, Var iou, Var objectScore) {}
