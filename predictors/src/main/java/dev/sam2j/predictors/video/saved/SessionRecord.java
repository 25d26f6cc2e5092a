package dev.sam2j.predictors.video.saved;

import dev.sam2j.predictors.video.VideoOptions;
import dev.sam2j.predictors.video.tracking.FrameOutput;
import dev.sam2j.predictors.video.tracking.ObjectTrack;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a session file says beside its tensors, as JSON.
 *
 * @param model name of the model, for messages
 * @param frames number of frames of the video
 * @param width of the frames in pixels
 * @param height of the frames in pixels
 * @param options options of the session
 * @param objects the objects in their order
 */
record SessionRecord(String model, int frames, int width, int height, VideoOptions options, List<SavedObject> objects) {
    /** Name of the file's format. */
    static final String FORMAT = "sam2j.session";

    /** Version of the format; version 1 is read too. */
    static final String VERSION = "2";

    /** Outputs in one tensor: bounds the memory that saving and resuming need. */
    private static final int CHUNK = 16;

    /**
     * An object.
     *
     * @param clicks its clicks by frame; their coordinates follow each other in the tensor {@code clicks}
     * @param masks frames with mask prompts
     * @param trackedForward frames last passed forwards
     * @param trackedBackward frames last passed backwards
     * @param prompted frames of remembered prompts, in their order
     * @param tracked frames it was tracked on
     * @param pendingPrompted frames of prompts not yet remembered that will condition later frames
     * @param pendingTracked frames of other prompts not yet remembered
     */
    record SavedObject(
            long id,
            List<SavedClicks> clicks,
            List<Integer> masks,
            List<Integer> trackedForward,
            List<Integer> trackedBackward,
            List<Integer> prompted,
            List<Integer> tracked,
            List<Integer> pendingPrompted,
            List<Integer> pendingTracked) {
        /** Its outputs as they are stored, where it is object {@code index} of the session. */
        List<Chunk> chunks(int index) {
            String name = "objects." + index;
            List<Chunk> chunks = new ArrayList<>();
            addChunks(name + ".outputs.prompted.", false, true, prompted, chunks);
            addChunks(name + ".outputs.tracked.", false, false, tracked, chunks);
            addChunks(name + ".pending.prompted.", true, true, pendingPrompted, chunks);
            addChunks(name + ".pending.tracked.", true, false, pendingTracked, chunks);
            return chunks;
        }
    }

    /**
     * Outputs of one kind that share tensors.
     *
     * @param prefix how the names of their tensors begin
     */
    record Chunk(String prefix, boolean pending, boolean conditioning, List<Integer> frames) {
        /** The outputs of this kind that an object has, by frame. */
        Map<Integer, FrameOutput> outputs(ObjectTrack track) {
            return (pending ? track.pending() : track.committed()).of(conditioning);
        }
    }

    private static void addChunks(
            String prefix, boolean pending, boolean conditioning, List<Integer> frames, List<Chunk> chunks) {
        for (int from = 0; from < frames.size(); from += CHUNK) {
            List<Integer> part = frames.subList(from, Math.min(from + CHUNK, frames.size()));
            chunks.add(new Chunk(prefix + from / CHUNK + ".", pending, conditioning, part));
        }
    }

    /** Labels of the clicks on a frame. */
    record SavedClicks(int frame, List<Integer> labels) {}

    /** Name of the tensor of an object's click coordinates. */
    static String clicks(int object) {
        return "objects." + object + ".clicks";
    }
}
