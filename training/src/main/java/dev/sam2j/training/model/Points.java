package dev.sam2j.training.model;

/**
 * Points of N objects, equally many of each.
 *
 * @param objects N
 * @param coordinates x, y of each point in pixels of the model's square picture, without the half pixel that the prompt
 *     encoder adds, (N, P, 2)
 * @param labels of {@code PromptEncoder}: background 0, foreground 1, corners of a box 2 and 3, (N, P)
 */
public record Points(int objects, float[] coordinates, int[] labels) {
    /** P. */
    public int perObject() {
        return labels.length / objects;
    }

    float x(int object, int point) {
        return coordinates[2 * (object * perObject() + point)];
    }

    float y(int object, int point) {
        return coordinates[2 * (object * perObject() + point) + 1];
    }

    int label(int object, int point) {
        return labels[object * perObject() + point];
    }
}
