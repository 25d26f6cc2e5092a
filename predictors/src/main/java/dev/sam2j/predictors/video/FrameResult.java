package dev.sam2j.predictors.video;

import java.util.List;

/**
 * All objects on one frame.
 *
 * @param frame index of the frame
 * @param objects in the order in which they were first mentioned
 * @param logits logits at the video's resolution, one row-major map for each object, or null if they were not asked for
 */
public record FrameResult(int frame, List<TrackedObject> objects, List<float[]> logits) {
    /** Copies the list of objects. */
    public FrameResult {
        objects = List.copyOf(objects);
    }

    /** The object of that id, or null. */
    public TrackedObject object(long id) {
        return objects.stream().filter(object -> object.id() == id).findFirst().orElse(null);
    }
}
