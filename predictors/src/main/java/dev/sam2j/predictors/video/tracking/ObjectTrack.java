package dev.sam2j.predictors.video.tracking;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Everything a session knows about one object.
 *
 * @param id the number that the caller gave the object
 * @param clicks clicks by frame
 * @param masks frames with mask prompts
 * @param trackedReverse direction in which tracking passed each frame: true for backwards
 * @param committed outputs of prompted frames and of merely tracked ones, as memories read them
 * @param pending outputs of prompts since the last propagation, without memories
 */
public record ObjectTrack(
        long id,
        Map<Integer, Clicks> clicks,
        Set<Integer> masks,
        Map<Integer, Boolean> trackedReverse,
        Outputs committed,
        Outputs pending) {
    /** An object of which nothing is known. */
    public ObjectTrack(long id) {
        this(id, new HashMap<>(), new TreeSet<>(), new HashMap<>(), new Outputs(), new Outputs());
    }

    /**
     * Points on a frame, box corners first.
     *
     * @param coordinates x and y in pixels of the model's square picture
     * @param labels labels of the prompt encoder
     */
    public record Clicks(float[] coordinates, int[] labels) {
        /** These points followed by others. */
        Clicks followedBy(Clicks more) {
            float[] all = Arrays.copyOf(coordinates, coordinates.length + more.coordinates.length);
            System.arraycopy(more.coordinates, 0, all, coordinates.length, more.coordinates.length);
            int[] allLabels = Arrays.copyOf(labels, labels.length + more.labels.length);
            System.arraycopy(more.labels, 0, allLabels, labels.length, more.labels.length);
            return new Clicks(all, allLabels);
        }
    }

    /** Outputs by frame: of prompted frames, in the order of prompting, and of others. */
    public static final class Outputs {
        final Map<Integer, FrameOutput> conditioning = new LinkedHashMap<>();
        final Map<Integer, FrameOutput> tracked = new HashMap<>();

        /** Outputs of one kind by frame. */
        public Map<Integer, FrameOutput> of(boolean prompted) {
            return prompted ? conditioning : tracked;
        }

        /** The output of a frame, of whichever kind, or null. */
        FrameOutput any(int frame) {
            FrameOutput output = conditioning.get(frame);
            return output != null ? output : tracked.get(frame);
        }
    }

    /** Frames with prompts. */
    public Set<Integer> promptedFrames() {
        Set<Integer> frames = new TreeSet<>(clicks.keySet());
        frames.addAll(masks);
        return frames;
    }

    /** Takes back what was said on a frame; the mask there stays as if the frame had been tracked. */
    void clear(int frame) {
        clicks.remove(frame);
        masks.remove(frame);
        remove(pending.conditioning, frame);
        remove(pending.tracked, frame);
        FrameOutput output = committed.conditioning.remove(frame);
        if (output != null) {
            replace(committed.tracked, frame, output);
            trackedReverse.remove(frame);
        }
    }

    /** Puts an output in its place and forgets the one that was there. */
    static void replace(Map<Integer, FrameOutput> outputs, int frame, FrameOutput output) {
        forget(outputs.put(frame, output));
    }

    /** Removes the output of a frame, if there is one. */
    public static void remove(Map<Integer, FrameOutput> outputs, int frame) {
        forget(outputs.remove(frame));
    }

    private static void forget(FrameOutput output) {
        if (output != null) {
            output.entry().release();
        }
    }

    /** Forgets all outputs. */
    void release() {
        for (Outputs outputs : new Outputs[] {committed, pending}) {
            for (boolean prompted : new boolean[] {true, false}) {
                outputs.of(prompted).values().forEach(ObjectTrack::forget);
                outputs.of(prompted).clear();
            }
        }
    }
}
