package dev.sam2j.training.data;

import java.util.List;

/**
 * Checked samples: every picture could be read, its size is known, and each has at least one object, none of which is
 * empty.
 *
 * @param samples in an order that does not depend on the machine
 */
public record DataSet(List<Sample> samples) {
    /** Makes the list immutable. */
    public DataSet {
        samples = List.copyOf(samples);
    }

    /** Number of pictures. */
    public int size() {
        return samples.size();
    }

    /** Number of objects in all pictures. */
    public int objects() {
        return samples.stream().mapToInt(sample -> sample.objects().count()).sum();
    }
}
