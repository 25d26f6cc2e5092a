package dev.sam2j.predictors.mask.regions;

import dev.sam2j.predictors.mask.Mask;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Filling of small holes and removal of small islands, in logits and in masks; components touch by sides or corners.
 */
public final class SmallRegions {
    /** How far a corrected logit lies from the threshold. */
    private static final float CORRECTION = 10;

    private SmallRegions() {}

    /**
     * A mask without small regions.
     *
     * @param mask the result
     * @param changed whether anything was filled or removed
     */
    public record Cleaned(Mask mask, boolean changed) {}

    /**
     * The image predictor's correction. Components at or below the threshold with at most {@code maxHoleArea} pixels
     * become {@code threshold + 10}; components above it with at most {@code maxSprinkleArea} pixels become
     * {@code threshold - 10}. Both are found in the given logits: a filled hole does not enlarge a sprinkle. NaN
     * belongs to neither.
     *
     * @param logits row-major map of {@code width * height} values, left as it is
     * @param maxHoleArea in pixels of this map; 0 fills nothing
     * @param maxSprinkleArea in pixels of this map; 0 removes nothing
     * @return the corrected map, {@code logits} itself if both areas are 0
     */
    public static float[] correct(
            float[] logits, int width, int height, float threshold, int maxHoleArea, int maxSprinkleArea) {
        if (maxHoleArea <= 0 && maxSprinkleArea <= 0) {
            return logits;
        }
        float[] result = logits.clone();
        if (maxHoleArea > 0) {
            Mask holes = ConnectedComponents.of(atMost(logits, width, height, threshold))
                    .upTo(maxHoleArea);
            assign(result, holes, threshold + CORRECTION);
        }
        if (maxSprinkleArea > 0) {
            Mask above = Mask.ofLogits(width, height, logits, threshold);
            assign(result, ConnectedComponents.of(above).upTo(maxSprinkleArea), threshold - CORRECTION);
        }
        return result;
    }

    /** Fills components of the background with fewer than {@code minArea} pixels, those at the border included. */
    public static Cleaned fillHoles(Mask mask, int minArea) {
        Mask holes = ConnectedComponents.of(mask.not()).upTo(minArea - 1);
        return holes.isEmpty() ? new Cleaned(mask, false) : new Cleaned(mask.or(holes), true);
    }

    /**
     * Removes components with fewer than {@code minArea} pixels; if that would be all, the (first) largest one stays.
     */
    public static Cleaned removeIslands(Mask mask, int minArea) {
        ConnectedComponents components = ConnectedComponents.of(mask);
        Mask islands = components.upTo(minArea - 1);
        if (islands.isEmpty()) {
            return new Cleaned(mask, false);
        }
        if (islands.area() < mask.area()) {
            return new Cleaned(mask.andNot(islands), true);
        }
        int largest = IntStream.range(0, components.count())
                .boxed()
                .max(Comparator.comparingInt(components::area))
                .orElseThrow();
        return new Cleaned(components.component(largest), true);
    }

    /** {@link #fillHoles(Mask, int)}, then {@link #removeIslands} on the result, as for automatic masks. */
    public static Cleaned clean(Mask mask, int minArea) {
        Cleaned filled = fillHoles(mask, minArea);
        Cleaned result = removeIslands(filled.mask(), minArea);
        return new Cleaned(result.mask(), filled.changed() || result.changed());
    }

    private static Mask atMost(float[] logits, int width, int height, float threshold) {
        byte[] low = new byte[logits.length];
        for (int i = 0; i < low.length; i++) {
            low[i] = (byte) (logits[i] <= threshold ? 1 : 0);
        }
        return Mask.ofBytes(width, height, low);
    }

    private static void assign(float[] logits, Mask where, float value) {
        where.forEachRun((from, to) -> Arrays.fill(logits, from, to, value));
    }
}
