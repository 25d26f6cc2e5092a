package dev.sam2j.tensor;

import java.util.function.Supplier;

/** A value made by the first thread that asks for it and kept. A failed attempt is repeated at the next request. */
public final class Lazy<T> {
    private Supplier<? extends T> supplier;
    private volatile T value;

    /** A value that {@code supplier} will make. */
    public Lazy(Supplier<? extends T> supplier) {
        this.supplier = supplier;
    }

    /** The value. */
    public T get() {
        T made = value;
        if (made == null) {
            synchronized (this) {
                made = value;
                if (made == null) {
                    made = supplier.get();
                    value = made;
                    supplier = null;
                }
            }
        }
        return made;
    }
}
