package dev.sam2j.predictors.video.tracking;

import dev.sam2j.predictors.video.VideoException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The objects of a session, in the order in which they were first prompted. */
public final class ObjectTracks {
    /** What tracking one object forward touches: up to 16 recent frames, the current one and a few prompted ones. */
    private static final int HOT_FRAMES_PER_OBJECT = 20;

    private final FrameArchive archive;
    private final Map<Long, ObjectTrack> tracks = new LinkedHashMap<>();
    private int changes;

    ObjectTracks(FrameArchive archive) {
        this.archive = archive;
    }

    /** The objects. */
    public Collection<ObjectTrack> all() {
        return Collections.unmodifiableCollection(tracks.values());
    }

    /** Their numbers. */
    public List<Long> ids() {
        return List.copyOf(tracks.keySet());
    }

    /** Whether there is no object. */
    public boolean isEmpty() {
        return tracks.isEmpty();
    }

    /** Counts prompts, removals and the like: a propagation that began at another count is out of date. */
    public int changes() {
        return changes;
    }

    void changed() {
        changes++;
    }

    /** The first frame that any object was prompted on, of those that have been remembered; there must be one. */
    public int earliestPrompt() {
        return tracks.values().stream()
                .flatMap(track -> track.committed().conditioning.keySet().stream())
                .mapToInt(Integer::intValue)
                .min()
                .orElseThrow();
    }

    /** The track of an object, a new one if there is none; that is not part of the session until it is registered. */
    ObjectTrack findOrCreate(long id) {
        ObjectTrack track = tracks.get(id);
        return track == null ? new ObjectTrack(id) : track;
    }

    /** The track of an object that must exist. */
    public ObjectTrack existing(long id) {
        ObjectTrack track = tracks.get(id);
        if (track == null) {
            throw new VideoException("there is no object " + id
                    + (tracks.isEmpty() ? ", none has been prompted" : ", the objects are " + tracks.keySet()));
        }
        return track;
    }

    /** Makes an object part of the session, if it is not. */
    public void register(ObjectTrack track) {
        if (tracks.putIfAbsent(track.id(), track) == null) {
            updateCapacity();
        }
    }

    /** Removes an object. */
    public void remove(long id) {
        ObjectTrack track = existing(id);
        tracks.remove(id);
        track.release();
        updateCapacity();
        changed();
    }

    /** Removes all objects. */
    public void reset() {
        tracks.values().forEach(ObjectTrack::release);
        tracks.clear();
        updateCapacity();
        changed();
    }

    private void updateCapacity() {
        archive.setCapacity(HOT_FRAMES_PER_OBJECT * tracks.size());
    }
}
