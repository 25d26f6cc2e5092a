package dev.sam2j.predictors.mask.coco;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.predictors.mask.MaskExport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Joins COCO data sets of one picture each, as {@link MaskExport#writeCoco} writes them, to one: ids are numbered anew,
 * classes of one name become one. Annotations are copied as they are read, so that many do not fill the memory; the
 * same parts give the same bytes.
 */
public final class CocoMerge {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxStringLength(1 << 30).build())
            .build();

    private final List<Part> parts;
    private final List<CocoWriter.Image> images = new ArrayList<>();
    private final List<Map<Long, Long>> renumbered = new ArrayList<>();
    private final Map<Long, String> categories = new LinkedHashMap<>();
    private final Map<String, Long> byName = new HashMap<>();

    private CocoMerge(List<Part> parts) {
        this.parts = parts;
    }

    /**
     * A data set of one picture.
     *
     * @param file where it is
     * @param fileName what the picture is called in the joined set
     */
    public record Part(Path file, String fileName) {}

    /**
     * Writes the joined data set; it appears completely or not at all.
     *
     * @throws IOException if a part cannot be read or is no such data set
     */
    public static void write(Path file, List<Part> parts) throws IOException {
        CocoMerge merge = new CocoMerge(parts);
        for (Part part : parts) {
            merge.readHead(part);
        }
        AtomicFiles.write(file, out -> {
            try (CocoWriter coco = new CocoWriter(out, merge.images, merge.categories)) {
                for (int i = 0; i < parts.size(); i++) {
                    merge.copy(i, coco);
                }
            }
        });
    }

    private interface Reader {
        void read(JsonParser json) throws IOException;
    }

    private static void read(Part part, Reader reader) throws IOException {
        try (JsonParser json = FACTORY.createParser(part.file().toFile())) {
            reader.read(json);
        } catch (JsonProcessingException e) {
            throw new IOException(part.file() + " is not a COCO data set any more, make it again", e);
        }
    }

    private static boolean isField(JsonParser json, String name) throws IOException {
        return json.hasToken(JsonToken.FIELD_NAME) && json.currentName().equals(name);
    }

    /** Reads what stands before and after the annotations. */
    private void readHead(Part part) throws IOException {
        Map<Long, Long> numbers = new HashMap<>();
        long[] size = new long[2];
        read(part, json -> {
            while (json.nextToken() != null) {
                if (isField(json, "annotations")) {
                    json.nextToken();
                    json.skipChildren();
                } else if (isField(json, "images")) {
                    readSize(json, size);
                } else if (isField(json, "categories")) {
                    readCategories(json, numbers);
                }
            }
        });
        images.add(new CocoWriter.Image(images.size() + 1L, part.fileName(), (int) size[0], (int) size[1]));
        renumbered.add(numbers);
    }

    private static void readSize(JsonParser json, long[] size) throws IOException {
        while (json.nextToken() != JsonToken.END_ARRAY && json.currentToken() != null) {
            if (isField(json, "width")) {
                size[0] = json.nextLongValue(0);
            } else if (isField(json, "height")) {
                size[1] = json.nextLongValue(0);
            }
        }
    }

    private void readCategories(JsonParser json, Map<Long, Long> numbers) throws IOException {
        long id = 0;
        while (json.nextToken() != JsonToken.END_ARRAY && json.currentToken() != null) {
            if (isField(json, "id")) {
                id = json.nextLongValue(0);
            } else if (isField(json, "name")) {
                numbers.put(id, number(json.nextTextValue(), id));
            }
        }
    }

    /** The number of a class in the joined set: its own, unless another class has that. */
    private long number(String name, long own) {
        Long known = byName.get(name);
        if (known != null) {
            return known;
        }
        long free = own;
        while (categories.containsKey(free)) {
            free++;
        }
        byName.put(name, free);
        categories.put(free, name);
        return free;
    }

    private void copy(int part, CocoWriter coco) throws IOException {
        read(parts.get(part), json -> {
            while (json.nextToken() != null) {
                if (isField(json, "annotations")) {
                    json.nextToken();
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        coco.copy(images.get(part).id(), json, renumbered.get(part));
                    }
                    return;
                } else if (json.currentToken() == JsonToken.START_ARRAY) {
                    json.skipChildren();
                }
            }
        });
    }

    /** Copies the fields of an annotation, but for those of ids. */
    static void copyFields(JsonParser from, JsonGenerator to, Map<Long, Long> numbers) throws IOException {
        while (from.nextToken() == JsonToken.FIELD_NAME) {
            String name = from.currentName();
            from.nextToken();
            if (name.equals("category_id")) {
                long number = from.getLongValue();
                to.writeNumberField(name, numbers.getOrDefault(number, number));
            } else if (!name.equals("id") && !name.equals("image_id")) {
                to.writeFieldName(name);
                to.copyCurrentStructureExact(from);
            } else {
                from.skipChildren();
            }
        }
    }
}
