package dev.sam2j.predictors.mask.coco;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.sam2j.predictors.mask.MaskRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/**
 * Writes a data set in the format of COCO as its annotations come, as pycocotools reads it: segmentations are
 * compressed run lengths, boxes {@code [x, y, columns, rows]} as its {@code toBbox} makes them, ids count from 1.
 */
public final class CocoWriter implements AutoCloseable {
    private final JsonGenerator json;
    private final Map<Long, String> categories;
    private long annotations;

    /**
     * A picture of the data set.
     *
     * @param id not that of another picture
     * @param fileName {@code file_name}
     */
    public record Image(long id, String fileName, int width, int height) {}

    /**
     * Begins a data set.
     *
     * @param out where it is written; stays open
     * @param images the pictures
     * @param categories names of the classes by their numbers
     */
    public CocoWriter(OutputStream out, Iterable<Image> images, Map<Long, String> categories) throws IOException {
        this.json = RecordJson.generator(out);
        this.categories = categories;
        json.writeStartObject();
        json.writeArrayFieldStart("images");
        for (Image image : images) {
            json.writeStartObject();
            json.writeNumberField("id", image.id());
            json.writeStringField("file_name", image.fileName());
            json.writeNumberField("width", image.width());
            json.writeNumberField("height", image.height());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("annotations");
    }

    /** Writes an annotation of a picture. */
    public void add(long image, MaskRecord record) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id", ++annotations);
        json.writeNumberField("image_id", image);
        RecordJson.writeFields(json, record);
        json.writeEndObject();
    }

    /** Copies an annotation that begins here to another picture. */
    void copy(long image, JsonParser annotation, Map<Long, Long> categoryNumbers) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id", ++annotations);
        json.writeNumberField("image_id", image);
        CocoMerge.copyFields(annotation, json, categoryNumbers);
        json.writeEndObject();
    }

    /** Ends the data set. */
    @Override
    public void close() throws IOException {
        json.writeEndArray();
        json.writeArrayFieldStart("categories");
        for (Map.Entry<Long, String> category : categories.entrySet()) {
            json.writeStartObject();
            json.writeNumberField("id", category.getKey());
            json.writeStringField("name", category.getValue());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.close();
    }
}
