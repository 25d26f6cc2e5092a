package dev.sam2j.training.data.formats;

import dev.sam2j.training.TrainingException;
import java.nio.file.Path;

/** Counts what is held of annotations, so that they never fill the memory that training needs. */
final class Holding {
    /** Share of the heap that annotations may take. */
    private static final int SHARE = 4;

    private final Path file;
    private final long most = Runtime.getRuntime().maxMemory() / SHARE;
    private long bytes;

    Holding(Path file) {
        this.file = file;
    }

    /**
     * Counts what is held from now on.
     *
     * @throws TrainingException if it is too much
     */
    void add(long more) {
        bytes += more;
        if (bytes > most) {
            throw new TrainingException(file + " has more annotations than a Java heap of "
                    + (Runtime.getRuntime().maxMemory() >> 20) + " MB can hold besides a model (raise it with -Xmx)");
        }
    }
}
