package dev.sam2j.predictors.model;

import dev.sam2j.hiera.FeatureBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Memory of closed embeddings that is used again, where a backend repeats recordings: those refer to the places of the
 * features, and pictures that come one after another then need two of them.
 */
final class FeaturePool implements AutoCloseable {
    private static final int MOST = 2;

    private final LoadedModel model;
    private final Deque<FeatureBuffer> free = new ArrayDeque<>();
    private boolean closed;

    FeaturePool(LoadedModel model) {
        this.model = model;
    }

    /** Memory for the features of a picture. */
    synchronized FeatureBuffer take() {
        FeatureBuffer buffer = free.poll();
        return buffer != null ? buffer : new FeatureBuffer(model.backend(), model.config());
    }

    /** Keeps memory for the next picture, or frees it; any thread may give. */
    synchronized void give(FeatureBuffer buffer) {
        if (!closed && free.size() < MOST && model.backend().info().captures()) {
            free.push(buffer);
        } else {
            buffer.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        free.forEach(FeatureBuffer::close);
        free.clear();
    }
}
