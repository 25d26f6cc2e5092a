package dev.sam2j.training.objective;

import java.util.function.Supplier;

/** Who corrects the masks that are predicted. */
@FunctionalInterface
public interface Corrections {
    /**
     * The next click on an object. Objects are asked about in an order that depends on how many are in memory at once:
     * what is drawn should not.
     *
     * @param object its number in the batch
     * @param correction number of the correction, from 0
     * @param predicted the chosen mask at the size of the true ones, as bits in row-major order; made when asked for
     */
    Click correct(int object, int correction, Supplier<long[]> predicted);
}
