package dev.sam2j.tensor.provider;

import dev.sam2j.BackendException;
import dev.sam2j.tensor.Backend;

/** Finds out whether a kind of device can be used, and opens it. Registered for {@link java.util.ServiceLoader}. */
public interface BackendProvider {
    /** The device's kind, as in {@code --device}: {@code cpu} or {@code cuda}. */
    String kind();

    /** Order of automatic choice; the highest that is available wins. */
    int priority();

    /**
     * Why no device of this kind can be used, or null if one can. Loads neither native libraries nor incubating
     * modules.
     */
    String unavailableReason();

    /**
     * Begins, in the background, what would make the first use of a device slow. Returns at once; further calls have no
     * effect.
     *
     * @param options what it will be opened with
     */
    default void prepare(BackendOptions options) {}

    /**
     * Opens a device.
     *
     * @param index number of the device among those of its kind, from 0
     * @throws BackendException if it cannot be opened with these options
     */
    Backend open(int index, BackendOptions options);
}
