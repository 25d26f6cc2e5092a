package dev.sam2j.training.data;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;

/** Reads, changes and scales the pictures and masks of batches on a thread of its own, one batch ahead, in order. */
public final class Prefetch implements Iterator<TrainingBatch>, AutoCloseable {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread reader = new Thread(task, "sam2j-training-data");
        reader.setDaemon(true);
        return reader;
    });
    private final Iterator<TrainingBatch> batches;
    private final Predicate<TrainingItem> needsPicture;
    private Future<TrainingBatch> next;

    /**
     * Begins to read.
     *
     * @param batches as a {@link Sampler} drew them, or the rest of them
     * @param needsPicture whether a picture's pixels will be asked for, and not only its masks; asked on the thread
     *     that reads
     */
    public Prefetch(List<TrainingBatch> batches, Predicate<TrainingItem> needsPicture) {
        this.batches = batches.iterator();
        this.needsPicture = needsPicture;
        advance();
    }

    private void advance() {
        TrainingBatch batch = batches.hasNext() ? batches.next() : null;
        next = batch == null ? null : thread.submit(() -> read(batch));
    }

    private TrainingBatch read(TrainingBatch batch) {
        // Of copies: whoever holds the list of batches does not hold their pixels.
        List<TrainingItem> items =
                batch.items().stream().map(TrainingItem::unread).toList();
        for (TrainingItem item : items) {
            item.masks();
            if (needsPicture.test(item)) {
                item.picture();
            }
        }
        return new TrainingBatch(batch.epoch(), batch.number(), items);
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    /**
     * The next batch, read.
     *
     * @throws dev.sam2j.Sam2jException if it cannot be read; the batch after it can be asked for then
     * @throws CancellationException if the thread is interrupted, which it stays
     */
    @Override
    public TrainingBatch next() {
        if (next == null) {
            throw new NoSuchElementException("all batches have been read");
        }
        Future<TrainingBatch> current = next;
        advance();
        try {
            return current.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (CancellationException) new CancellationException("reading was interrupted").initCause(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }

    /** Stops reading; waits for what is being read. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
