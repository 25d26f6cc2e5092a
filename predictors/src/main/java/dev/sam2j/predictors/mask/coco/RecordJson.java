package dev.sam2j.predictors.mask.coco;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.predictors.mask.MaskRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The parts that JSON formats of masks share. */
public final class RecordJson {
    /** Leaves streams open: whoever opened a file closes it. */
    private static final JsonFactory FACTORY =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

    private RecordJson() {}

    /** A writer of JSON that leaves the stream open. */
    static JsonGenerator generator(OutputStream out) throws IOException {
        return FACTORY.createGenerator(out);
    }

    /** Produces the content of a file. */
    public interface Content {
        /** Writes everything. */
        void writeTo(JsonGenerator json) throws IOException;
    }

    /** Writes a file, completely or not at all. */
    public static void write(Path file, Content content) {
        AtomicFiles.writeUnchecked(file, out -> {
            try (JsonGenerator json = generator(out)) {
                content.writeTo(json);
            }
        });
    }

    /** The fields of an annotation after its ids: class, compressed run lengths, area, box and properties. */
    public static void writeFields(JsonGenerator json, MaskRecord record) throws IOException {
        json.writeNumberField("category_id", record.category());
        json.writeNumberField("iscrowd", 0);
        json.writeObjectFieldStart("segmentation");
        writeInts(json, "size", record.mask().height(), record.mask().width());
        json.writeStringField("counts", record.mask().toCompressed());
        json.writeEndObject();
        json.writeNumberField("area", record.mask().area());
        writeInts(json, "bbox", record.bbox());
        writeProperties(json, record.properties());
    }

    /** Fields of the properties of a record. */
    public static void writeProperties(JsonGenerator json, Map<String, Object> properties) throws IOException {
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            json.writeFieldName(property.getKey());
            writeValue(json, property.getValue());
        }
    }

    /** A number, of which NaN becomes null, a text, a truth value, {@code int[]}, null, or a list or map of these. */
    public static void writeValue(JsonGenerator json, Object value) throws IOException {
        if (value instanceof int[] ints) {
            json.writeArray(ints, 0, ints.length);
        } else if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.writeFieldName((String) entry.getKey());
                writeValue(json, entry.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                writeValue(json, element);
            }
            json.writeEndArray();
        } else if (value instanceof Number number && !Double.isFinite(number.doubleValue())) {
            json.writeNull();
        } else {
            json.writeObject(value);
        }
    }

    /** A field of integers. */
    public static void writeInts(JsonGenerator json, String name, int... values) throws IOException {
        json.writeFieldName(name);
        json.writeArray(values, 0, values.length);
    }
}
