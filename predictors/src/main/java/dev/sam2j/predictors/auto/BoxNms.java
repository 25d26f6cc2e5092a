package dev.sam2j.predictors.auto;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Greedy non-maximum suppression of boxes, one category, with the arithmetic of torchvision's {@code nms}. */
final class BoxNms {
    private BoxNms() {}

    /**
     * Goes through the boxes by descending score (equal scores in the given order) and drops each that overlaps a box
     * kept before with an IoU greater than {@code threshold}. Areas are {@code (x1 - x0)(y1 - y0)} without + 1; the
     * IoU of two boxes without area is NaN, which drops neither.
     *
     * @param boxes x0, y0, x1, y1 of each box
     * @param scores one per box
     * @param threshold largest IoU that two kept boxes may have
     * @return indices of the kept boxes by descending score
     * @throws IllegalArgumentException if there are not four coordinates per score
     */
    static int[] keep(float[] boxes, float[] scores, double threshold) {
        int n = scores.length;
        if (boxes.length != 4 * n) {
            throw new IllegalArgumentException(
                    "nms: " + n + " scores need " + 4 * n + " coordinates, got " + boxes.length);
        }
        List<Integer> order = IntStream.range(0, n)
                .boxed()
                .sorted((a, b) -> Float.compare(scores[b], scores[a])) // stable
                .toList();
        float[] areas = new float[n];
        for (int i = 0; i < n; i++) {
            areas[i] = (boxes[4 * i + 2] - boxes[4 * i]) * (boxes[4 * i + 3] - boxes[4 * i + 1]);
        }
        int[] kept = new int[n];
        int count = 0;
        for (int candidate : order) {
            boolean keep = true;
            for (int k = 0; k < count && keep; k++) {
                keep = !(iou(boxes, areas, kept[k], candidate) > threshold);
            }
            if (keep) {
                kept[count++] = candidate;
            }
        }
        return Arrays.copyOf(kept, count);
    }

    private static float iou(float[] boxes, float[] areas, int a, int b) {
        float width = Math.min(boxes[4 * a + 2], boxes[4 * b + 2]) - Math.max(boxes[4 * a], boxes[4 * b]);
        float height = Math.min(boxes[4 * a + 3], boxes[4 * b + 3]) - Math.max(boxes[4 * a + 1], boxes[4 * b + 1]);
        float intersection = Math.max(0, width) * Math.max(0, height);
        return intersection / (areas[a] + areas[b] - intersection);
    }
}
