package dev.sam2j.cli.files;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.predictors.mask.MaskRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Numbers of objects' classes: those of the prompts where all are numbers; else names are numbered from 1 in the order
 * of first mention. Objects without a class are of the class {@code object}, number 1 if there is no other.
 */
public final class MaskClasses {
    private static final String OBJECT = "object";

    /** Of objects of which nothing is known but a number. */
    public static final MaskClasses NONE = numberedObjects();

    private final TreeMap<Long, String> names = new TreeMap<>();
    private final Map<String, Long> numbers = new HashMap<>();

    private boolean numbered;

    private static MaskClasses numberedObjects() {
        MaskClasses classes = new MaskClasses();
        classes.add(OBJECT, 1);
        classes.numbered = true;
        return classes;
    }

    /** The classes of objects, null where nothing is known. */
    public static MaskClasses of(Iterable<JsonNode> categories) {
        MaskClasses classes = new MaskClasses();
        boolean named = false;
        for (JsonNode category : categories) {
            named |= category != null && !category.isIntegralNumber();
            classes.numbered |= category != null;
        }
        classes.numbered &= !named;
        for (JsonNode category : categories) {
            if (category != null && !classes.numbers.containsKey(category.asText())) {
                classes.add(category.asText(), named ? classes.names.size() + 1L : category.asLong());
            }
        }
        for (JsonNode category : categories) {
            if (category == null && !classes.numbers.containsKey(OBJECT)) {
                classes.add(OBJECT, classes.free());
            }
        }
        return classes;
    }

    private void add(String name, long number) {
        numbers.put(name, number);
        names.put(number, name);
    }

    private long free() {
        long number = 1;
        while (names.containsKey(number)) {
            number++;
        }
        return number;
    }

    /** The number of an object's class. */
    public long number(JsonNode category) {
        return numbers.get(category == null ? OBJECT : category.asText());
    }

    /** Masks as YOLO counts classes: from 0, unless the prompts number them. */
    List<MaskRecord> forYolo(List<MaskRecord> records) {
        if (numbered) {
            return records;
        }
        return records.stream()
                .map(record -> new MaskRecord(record.mask(), record.category() - 1, record.properties()))
                .toList();
    }

    /** All classes by their numbers. */
    Map<Long, String> names() {
        return names;
    }
}
