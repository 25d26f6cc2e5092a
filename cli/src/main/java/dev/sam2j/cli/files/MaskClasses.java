package dev.sam2j.cli.files;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.predictors.mask.MaskRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.LongStream;

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
    public static MaskClasses of(List<JsonNode> categories) {
        List<JsonNode> known = categories.stream().filter(Objects::nonNull).toList();
        MaskClasses classes = new MaskClasses();
        classes.numbered = !known.isEmpty() && known.stream().allMatch(JsonNode::isIntegralNumber);
        for (JsonNode category : known) {
            if (!classes.numbers.containsKey(category.asText())) {
                classes.add(category.asText(), classes.numbered ? category.asLong() : classes.names.size() + 1L);
            }
        }
        if (known.size() < categories.size() && !classes.numbers.containsKey(OBJECT)) {
            classes.add(
                    OBJECT,
                    LongStream.iterate(1, number -> number + 1)
                            .filter(number -> !classes.names.containsKey(number))
                            .findFirst()
                            .getAsLong());
        }
        return classes;
    }

    private void add(String name, long number) {
        numbers.put(name, number);
        names.put(number, name);
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
