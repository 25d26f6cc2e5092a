package dev.sam2j.training.objective;

import dev.sam2j.tensor.training.TrainingBackend;
import dev.sam2j.training.grad.Arena;
import dev.sam2j.training.grad.Tape;
import dev.sam2j.training.model.HighResolution;
import dev.sam2j.training.model.PictureVars;
import dev.sam2j.training.model.TrainableSam2;
import java.util.ArrayList;
import java.util.List;

/**
 * Learns from batches: forward over all prediction steps, loss, and back; gradients are added to those of the
 * parameters. Objects are in memory a few at a time: each such chunk is gone back over before the next, and the sum of
 * their gradients is that of the batch. One thread at a time may use it.
 */
public final class BatchStep implements AutoCloseable {
    private final TrainableSam2 model;
    private final TrainingBackend backend;
    private final ObjectiveOptions options;
    private final int objectsAtOnce;
    private final boolean checkpoints;
    private final Arena arena;
    private StepObserver observer = StepObserver.NONE;

    /**
     * Learns with a model.
     *
     * @param objectsAtOnce how many objects are in memory at once at most
     * @param checkpoints whether the inside of a prediction step is computed once more on the way back instead of being
     *     kept: less memory, a third more time
     */
    public BatchStep(TrainableSam2 model, ObjectiveOptions options, int objectsAtOnce, boolean checkpoints) {
        this.model = model;
        this.backend = model.parameters().backend();
        this.options = options;
        this.objectsAtOnce = objectsAtOnce;
        this.checkpoints = checkpoints;
        this.arena = new Arena(backend);
    }

    /** Shows what is computed from now on. */
    public void observe(StepObserver seer) {
        observer = seer;
    }

    /** The most memory for activations and their gradients that was in use at once, in bytes. */
    public long mostUsedBytes() {
        return arena.mostUsedBytes();
    }

    /** Adds the gradients of the batch's loss to those of the parameters. */
    public BatchResult run(Batch batch) {
        List<StepSum> sums = new ArrayList<>();
        for (int step = 0; step <= batch.prompts().corrections(); step++) {
            sums.add(new StepSum(batch.objects()));
        }
        try (Tape tape = new Tape(backend, arena);
                HighResolution layers = model.highResolution(tape)) {
            int from = 0;
            while (from < batch.objects()) {
                int to = from + 1;
                while (to < batch.objects() && batch.pictureOf()[to] == batch.pictureOf()[from]) {
                    to++;
                }
                picture(batch, layers, from, to, sums);
                from = to;
            }
            tape.backward();
        }
        return new BatchResult(sums.stream().map(StepSum::log).toList());
    }

    /** Objects {@code from} (inclusive) to {@code to} (exclusive), all of one picture. */
    private void picture(Batch batch, HighResolution layers, int from, int to, List<StepSum> sums) {
        int number = batch.pictureOf()[from];
        try (Tape tape = new Tape(backend, arena)) {
            PictureVars picture = model.picture(tape, layers, batch.pictures().get(number));
            observer.picture(number, picture, false);
            tape.onBackward(() -> observer.picture(number, picture, true));
            for (int first = from; first < to; first += objectsAtOnce) {
                int last = Math.min(first + objectsAtOnce, to);
                try (Tape own = new Tape(backend, arena)) {
                    new Chunk(model, options, batch, first, last, own).forward(picture, sums, observer, checkpoints);
                    own.backward();
                }
            }
            tape.backward();
        }
    }

    /** Frees the memory for activations. */
    @Override
    public void close() {
        arena.close();
    }
}
