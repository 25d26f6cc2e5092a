package dev.sam2j.tensor.provider;

import dev.sam2j.Precision;

/**
 * Wishes for a backend.
 *
 * @param threads threads that work on one operation on the CPU, or 0 for one per processor
 * @param precision number format
 */
public record BackendOptions(int threads, Precision precision) {
    /** One thread per processor, the backend's own precision. */
    public static final BackendOptions DEFAULT = new BackendOptions(0, Precision.AUTO);

    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if threads is negative
     */
    public BackendOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads: expected 0 (one per processor) or more, got " + threads);
        }
    }
}
