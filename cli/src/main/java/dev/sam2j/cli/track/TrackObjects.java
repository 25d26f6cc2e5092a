package dev.sam2j.cli.track;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The numbers that objects have in a session: their own where they have one, free ones where they have names. */
final class TrackObjects {
    private final Map<ObjectName, Long> ids = new HashMap<>();
    private final Map<Long, ObjectName> names = new HashMap<>();

    /** The objects of all steps. */
    TrackObjects(List<TrackStep> steps) {
        List<ObjectName> mentioned = steps.stream()
                .map(TrackStep::object)
                .filter(java.util.Objects::nonNull)
                .toList();
        Set<Long> taken = new HashSet<>();
        for (ObjectName object : mentioned) {
            if (object.number() != null) {
                taken.add(object.number());
            }
        }
        long free = 1;
        for (ObjectName object : mentioned) {
            Long id = object.number();
            if (id == null && !ids.containsKey(object)) {
                while (!taken.add(free)) {
                    free++;
                }
                id = free;
            }
            if (id != null) {
                ids.put(object, id);
                names.put(id, object);
            }
        }
    }

    long id(ObjectName object) {
        return ids.get(object);
    }

    ObjectName name(long id) {
        return names.get(id);
    }
}
