package dev.sam2j.tensor;

import dev.sam2j.BackendException;

/**
 * A value on its way from the device to the host: what was queued before it was asked for is waited for, what was
 * queued after it is not. One thread at a time may use an instance; others may use the backend meanwhile.
 */
@FunctionalInterface
public interface Pending<T> {
    /**
     * Waits for the value; later calls return the same.
     *
     * @throws BackendException if the device failed
     */
    T get();

    /** A value that is there. */
    static <T> Pending<T> of(T value) {
        return () -> value;
    }
}
