package dev.sam2j.fuzz;

import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.CheckpointSummary;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.file.CheckpointFile;
import java.nio.file.Path;

/** What commands do with a checkpoint: describe it, and read its tensors. */
final class Checkpointing {
    /** Tensors may share one storage, so that a small file can ask for any number of values. */
    private static final int MOST_VALUES = 1 << 16;

    private Checkpointing() {}

    static long read(Path path) {
        CheckpointSummary.of(path);
        try (CheckpointFile file = Checkpoints.openFile(path)) {
            long values = 0;
            for (String name : file.names()) {
                Shape shape = file.shape(name);
                if (values + shape.elements() <= MOST_VALUES) {
                    values += shape.elements();
                    file.read(name, new float[(int) shape.elements()], 0);
                }
            }
            return 4 * values;
        }
    }
}
