package dev.sam2j.training.data;

import java.util.List;

/**
 * The pictures of one step.
 *
 * @param epoch from 0
 * @param number within the epoch, from 0
 * @param items at least one
 */
public record TrainingBatch(int epoch, int number, List<TrainingItem> items) {
    /** Makes the list immutable. */
    public TrainingBatch {
        items = List.copyOf(items);
    }

    /** Number of objects in all pictures. */
    public int objects() {
        return items.stream().mapToInt(item -> item.objects().length).sum();
    }
}
