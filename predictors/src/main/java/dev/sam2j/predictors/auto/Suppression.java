package dev.sam2j.predictors.auto;

import dev.sam2j.predictors.mask.regions.SmallRegions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Removal of masks that repeat others, by their boxes. */
final class Suppression {
    private Suppression() {}

    /** The masks kept by {@link BoxNms}, by descending score. */
    static List<AutomaticMask> keep(List<AutomaticMask> masks, float[] scores, double threshold) {
        return select(masks, BoxNms.keep(boxes(masks), scores, threshold));
    }

    /** Suppression between crops, in favour of masks of smaller ones. */
    static List<AutomaticMask> betweenCrops(List<AutomaticMask> masks, double threshold) {
        float[] scores = new float[masks.size()];
        for (int i = 0; i < scores.length; i++) {
            CropBox crop = masks.get(i).crop();
            scores[i] = 1 / ((float) crop.width() * crop.height());
        }
        return keep(masks, scores, threshold);
    }

    /**
     * Fills holes and removes islands of fewer than {@code minArea} pixels of the picture, then drops masks that now
     * repeat others, in favour of those that did not change; the order stays.
     */
    static List<AutomaticMask> withoutSmallRegions(List<AutomaticMask> masks, int minArea, double threshold) {
        List<AutomaticMask> cleaned = new ArrayList<>();
        float[] scores = new float[masks.size()];
        boolean changed = false;
        for (int i = 0; i < scores.length; i++) {
            SmallRegions.Cleaned result = SmallRegions.clean(masks.get(i).mask(), minArea);
            cleaned.add(result.changed() ? masks.get(i).withMask(result.mask()) : masks.get(i));
            scores[i] = result.changed() ? 0 : 1;
            changed |= result.changed();
        }
        if (!changed) {
            return masks;
        }
        int[] kept = BoxNms.keep(boxes(cleaned), scores, threshold);
        Arrays.sort(kept);
        return select(cleaned, kept);
    }

    private static float[] boxes(List<AutomaticMask> masks) {
        float[] boxes = new float[4 * masks.size()];
        for (int i = 0; i < masks.size(); i++) {
            int[] corners = masks.get(i).box().toXyxy();
            for (int j = 0; j < 4; j++) {
                boxes[4 * i + j] = corners[j];
            }
        }
        return boxes;
    }

    private static List<AutomaticMask> select(List<AutomaticMask> masks, int[] indices) {
        return IntStream.of(indices).mapToObj(masks::get).toList();
    }
}
