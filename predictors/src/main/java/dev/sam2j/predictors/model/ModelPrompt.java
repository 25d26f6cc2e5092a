package dev.sam2j.predictors.model;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.heads.PromptEncoder;
import dev.sam2j.predictors.LowResMask;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.PromptException;

/**
 * A prompt in pixels of the model's square picture: box corners first, then the clicks.
 *
 * @param coordinates x and y of each point
 * @param labels labels of {@link PromptEncoder}
 * @param mask coarse mask, or null
 */
public record ModelPrompt(float[] coordinates, int[] labels, LowResMask mask) {

    /**
     * Scales and checks a prompt about a picture.
     *
     * @throws PromptException if a point lies outside the picture, a box does not touch it, or the mask has a wrong
     *     size
     */
    public static ModelPrompt of(
            Prompt prompt, int pictureWidth, int pictureHeight, boolean normalized, Sam2Config config) {
        float width = normalized ? 1 : pictureWidth;
        float height = normalized ? 1 : pictureHeight;
        prompt.requireInside(width, height);
        int corners = prompt.box() == null ? 0 : 2;
        float[] coordinates = new float[2 * (corners + prompt.points().size())];
        int[] labels = new int[corners + prompt.points().size()];
        int at = 0;
        Prompt.Box box = prompt.box();
        if (box != null) {
            scale(box.x0() / width, box.y0() / height, config.imageSize(), coordinates, 0);
            scale(box.x1() / width, box.y1() / height, config.imageSize(), coordinates, 2);
            labels[0] = PromptEncoder.BOX_TOP_LEFT;
            labels[1] = PromptEncoder.BOX_BOTTOM_RIGHT;
            at = corners;
        }
        for (Prompt.Point point : prompt.points()) {
            scale(point.x() / width, point.y() / height, config.imageSize(), coordinates, 2 * at);
            labels[at++] = point.foreground() ? PromptEncoder.FOREGROUND : PromptEncoder.BACKGROUND;
        }
        LowResMask mask = prompt.mask();
        if (mask != null && mask.size() != config.lowResMaskSize()) {
            throw new PromptException("mask: expected " + config.lowResMaskSize() + "x" + config.lowResMaskSize()
                    + " logits, as this model predicts them, got " + mask.size() + "x" + mask.size());
        }
        return new ModelPrompt(coordinates, labels, mask);
    }

    private static void scale(float u, float v, int size, float[] coordinates, int offset) {
        coordinates[offset] = u * size;
        coordinates[offset + 1] = v * size;
    }
}
