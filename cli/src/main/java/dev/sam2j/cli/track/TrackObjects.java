package dev.sam2j.cli.track;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The numbers that objects have in a session: their own where they have one, free ones where they have names. */
final class TrackObjects {
    private final Map<ObjectName, Long> ids = new HashMap<>();
    private final Map<Long, ObjectName> names = new HashMap<>();

    /** The objects of all steps. */
    TrackObjects(List<TrackStep> steps) {
        List<ObjectName> mentioned =
                steps.stream().map(TrackStep::object).filter(Objects::nonNull).toList();
        mentioned.stream().filter(object -> object.number() != null).forEach(object -> put(object, object.number()));
        long free = 1;
        for (ObjectName object : mentioned) {
            if (!ids.containsKey(object)) {
                while (names.containsKey(free)) {
                    free++;
                }
                put(object, free);
            }
        }
    }

    private void put(ObjectName object, long id) {
        ids.put(object, id);
        names.put(id, object);
    }

    long id(ObjectName object) {
        return ids.get(object);
    }

    ObjectName name(long id) {
        return names.get(id);
    }
}
