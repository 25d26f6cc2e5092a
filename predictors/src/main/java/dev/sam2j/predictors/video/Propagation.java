package dev.sam2j.predictors.video;

import dev.sam2j.common.Lifecycle;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;

/**
 * Tracking through a range of frames, one frame for each call of {@link #next()}. It can be left at any time: what has
 * been tracked stays. A prompt or any other change of the session ends it: going on then fails. Interrupting the thread
 * does not end it; who wants that asks {@link Thread#isInterrupted()} between two frames.
 */
public final class Propagation implements Iterator<FrameResult>, Iterable<FrameResult> {
    private final Lifecycle session;
    private final int first;
    private final int count;
    private final int step;
    private final IntFunction<FrameResult> track;
    private final Listener listener;
    private int done;

    Propagation(Lifecycle session, int first, int count, int step, IntFunction<FrameResult> track, Listener listener) {
        this.session = session;
        this.first = first;
        this.count = count;
        this.step = step;
        this.track = track;
        this.listener = listener;
    }

    /** Hears of progress. */
    @FunctionalInterface
    public interface Listener {
        /** Is not interested. */
        Listener NONE = (done, total) -> {};

        /** Called after each frame. */
        void progress(int done, int total);
    }

    /**
     * Which frames to track.
     *
     * @param start first frame, or null for the earliest prompted one
     * @param max how many frames to track after the first, or null for all
     * @param reverse whether to go backwards
     * @param listener hears of progress
     */
    public record Range(Integer start, Integer max, boolean reverse, Listener listener) {
        /** From the earliest prompt to the end. */
        public static final Range FORWARD = new Range(null, null, false, Listener.NONE);

        /** From the earliest prompt to the start. */
        public static final Range BACKWARD = new Range(null, null, true, Listener.NONE);

        /**
         * Checks the limit.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Range {
            if (max != null && max < 0) {
                throw new IllegalArgumentException("propagate: expected 0 or more frames, got " + max);
            }
        }

        /** Forward from a frame to the end. */
        public static Range from(int start) {
            return new Range(start, null, false, Listener.NONE);
        }

        /** Backwards from a frame to the beginning. */
        public static Range backwardsFrom(int start) {
            return new Range(start, null, true, Listener.NONE);
        }

        /** This range with at most {@code frames} frames after the first. */
        public Range atMost(int frames) {
            return new Range(start, frames, reverse, listener);
        }

        /** This range with a listener. */
        public Range with(Listener hears) {
            return new Range(start, max, reverse, hears);
        }
    }

    /** Number of frames in the range. */
    public int total() {
        return count;
    }

    @Override
    public boolean hasNext() {
        return done < count;
    }

    /**
     * Tracks the next frame.
     *
     * @throws VideoException if it cannot be read; calling again tries that frame again
     * @throws IllegalStateException if the session was prompted, changed or closed since this propagation began, or
     *     another thread uses it
     */
    @Override
    public FrameResult next() {
        FrameResult result;
        try (Lifecycle.Use use = session.use()) {
            if (!hasNext()) {
                throw new NoSuchElementException("propagate: all " + count + " frames have been tracked");
            }
            result = track.apply(first + done * step);
            done++;
        }
        listener.progress(done, count);
        return result;
    }

    @Override
    public Iterator<FrameResult> iterator() {
        return this;
    }
}
