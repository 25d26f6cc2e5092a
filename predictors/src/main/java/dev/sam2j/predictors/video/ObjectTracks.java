package dev.sam2j.predictors.video;

import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The objects of a session, in the order in which they were first prompted. */
final class ObjectTracks {
    /** What tracking one object forward touches: up to 16 recent frames, the current one and a few prompted ones. */
    private static final int HOT_FRAMES_PER_OBJECT = 20;

    private final FrameArchive archive;
    private final Map<Integer, ObjectTrack> tracks = new LinkedHashMap<>();
    private final Set<Integer> removed = new HashSet<>();
    private int changes;

    ObjectTracks(FrameArchive archive) {
        this.archive = archive;
    }

    Collection<ObjectTrack> all() {
        return Collections.unmodifiableCollection(tracks.values());
    }

    List<Integer> ids() {
        return List.copyOf(tracks.keySet());
    }

    Set<Integer> removed() {
        return Collections.unmodifiableSet(removed);
    }

    boolean isEmpty() {
        return tracks.isEmpty();
    }

    /** Counts prompts, removals and the like: a propagation that began at another count is out of date. */
    int changes() {
        return changes;
    }

    void changed() {
        changes++;
    }

    /** The first frame that any object was prompted on, of those that have been remembered; there must be one. */
    int earliestPrompt() {
        return tracks.values().stream()
                .flatMap(track -> track.committed().conditioning.keySet().stream())
                .mapToInt(Integer::intValue)
                .min()
                .orElseThrow();
    }

    /** The track of an object, a new one if there is none; that is not part of the session until it is registered. */
    ObjectTrack findOrCreate(int id) {
        if (removed.contains(id)) {
            throw new VideoException("object " + id + " was removed from this session, use another id");
        }
        ObjectTrack track = tracks.get(id);
        return track == null ? new ObjectTrack(id) : track;
    }

    /** The track of an object that must exist. */
    ObjectTrack existing(int id) {
        ObjectTrack track = tracks.get(id);
        if (track == null) {
            throw new VideoException("there is no object " + id
                    + (tracks.isEmpty() ? ", none has been prompted" : ", the objects are " + tracks.keySet()));
        }
        return track;
    }

    void register(ObjectTrack track) {
        if (tracks.putIfAbsent(track.id(), track) == null) {
            updateCapacity();
        }
    }

    /** Forbids the use of an id. */
    void retire(int id) {
        removed.add(id);
    }

    /** Removes an object and retires its id; removing the last one resets the session instead. */
    void remove(int id) {
        ObjectTrack track = existing(id);
        if (tracks.size() == 1) {
            reset();
            return;
        }
        tracks.remove(id);
        retire(id);
        track.release();
        updateCapacity();
        changed();
    }

    /** Removes all objects; their ids can be used again. */
    void reset() {
        tracks.values().forEach(ObjectTrack::release);
        tracks.clear();
        removed.clear();
        updateCapacity();
        changed();
    }

    private void updateCapacity() {
        archive.setCapacity(HOT_FRAMES_PER_OBJECT * tracks.size());
    }
}
