package dev.sam2j.predictors.video.saved;

import dev.sam2j.predictors.video.VideoOptions;
import java.util.List;

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
    static final int CHUNK = 16;

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
        List<Integer> outputs(boolean pending, boolean conditioning) {
            if (pending) {
                return conditioning ? pendingPrompted : pendingTracked;
            }
            return conditioning ? prompted : tracked;
        }
    }

    /** Labels of the clicks on a frame. */
    record SavedClicks(int frame, List<Integer> labels) {}

    /** Common start of the names of the tensors of a chunk of outputs. */
    static String prefix(int object, boolean pending, boolean conditioning, int chunk) {
        return "objects." + object + (pending ? ".pending" : ".outputs") + (conditioning ? ".prompted." : ".tracked.")
                + chunk + ".";
    }

    /** Name of the tensor of an object's click coordinates. */
    static String clicks(int object) {
        return "objects." + object + ".clicks";
    }
}
