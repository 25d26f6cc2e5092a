package dev.sam2j.predictors.auto;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.Polygon;
import dev.sam2j.predictors.mask.Polygons;
import dev.sam2j.predictors.mask.Ring;
import dev.sam2j.weights.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Automatic masks as JSON. Files are written completely or not at all; a score that is NaN becomes null. */
public final class MaskJson {
    /** Leaves streams open: whoever opened a file forces it to the disk after the last byte. */
    private static final JsonFactory FACTORY =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

    private MaskJson() {}

    /**
     * Writes a data set in the format of COCO that holds one picture and its masks, as pycocotools reads it:
     * segmentations are compressed run lengths, boxes {@code [x, y, columns, rows]} as its {@code toBbox} makes them.
     * Predicted IoU, stability score, point and crop of each mask are further fields of its annotation; the only
     * category is {@code object}.
     *
     * @param pictureName {@code file_name} of the picture
     */
    public static void writeCoco(Path file, String pictureName, int width, int height, List<AutomaticMask> masks)
            throws IOException {
        AtomicFiles.write(file, out -> {
            try (JsonGenerator json = FACTORY.createGenerator(out)) {
                json.writeStartObject();
                json.writeArrayFieldStart("images");
                json.writeStartObject();
                json.writeNumberField("id", 1);
                json.writeStringField("file_name", pictureName);
                json.writeNumberField("width", width);
                json.writeNumberField("height", height);
                json.writeEndObject();
                json.writeEndArray();
                json.writeArrayFieldStart("annotations");
                for (int i = 0; i < masks.size(); i++) {
                    writeAnnotation(json, i + 1, masks.get(i));
                }
                json.writeEndArray();
                json.writeArrayFieldStart("categories");
                json.writeStartObject();
                json.writeNumberField("id", 1);
                json.writeStringField("name", "object");
                json.writeEndObject();
                json.writeEndArray();
                json.writeEndObject();
            }
        });
    }

    private static void writeAnnotation(JsonGenerator json, int id, AutomaticMask mask) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id", id);
        json.writeNumberField("image_id", 1);
        json.writeNumberField("category_id", 1);
        json.writeNumberField("iscrowd", 0);
        json.writeFieldName("segmentation");
        writeSegmentation(json, mask, OutputMode.COCO_RLE);
        json.writeNumberField("area", mask.area());
        writeInts(json, "bbox", mask.area() == 0 ? new int[4] : mask.box().toXywh());
        writeScores(json, mask);
        json.writeEndObject();
    }

    /**
     * Writes the masks as a list of records with the names and boxes of the reference's generator: segmentation, area,
     * bbox, predicted_iou, point_coords, stability_score, crop_box.
     *
     * @param mode form of the segmentations
     */
    public static void writeRecords(Path file, List<AutomaticMask> masks, OutputMode mode) throws IOException {
        AtomicFiles.write(file, out -> {
            try (JsonGenerator json = FACTORY.createGenerator(out)) {
                json.writeStartArray();
                for (AutomaticMask mask : masks) {
                    json.writeStartObject();
                    json.writeFieldName("segmentation");
                    writeSegmentation(json, mask, mode);
                    json.writeNumberField("area", mask.area());
                    writeInts(json, "bbox", mask.bbox());
                    writeScores(json, mask);
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
        });
    }

    /**
     * Writes the outlines as GeoJSON in pixel coordinates, x to the right and y down: one feature for each mask, a
     * MultiPolygon whose rings run along pixel sides, so that filling them gives back the exact mask, holes included.
     */
    public static void writePolygons(Path file, List<AutomaticMask> masks) throws IOException {
        AtomicFiles.write(file, out -> {
            try (JsonGenerator json = FACTORY.createGenerator(out)) {
                json.writeStartObject();
                json.writeStringField("type", "FeatureCollection");
                json.writeArrayFieldStart("features");
                for (int i = 0; i < masks.size(); i++) {
                    writeFeature(json, i + 1, masks.get(i));
                }
                json.writeEndArray();
                json.writeEndObject();
            }
        });
    }

    private static void writeFeature(JsonGenerator json, int id, AutomaticMask mask) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "Feature");
        json.writeNumberField("id", id);
        json.writeObjectFieldStart("properties");
        json.writeNumberField("area", mask.area());
        writeScores(json, mask);
        json.writeEndObject();
        json.writeObjectFieldStart("geometry");
        json.writeStringField("type", "MultiPolygon");
        json.writeArrayFieldStart("coordinates");
        for (Polygon polygon : Polygons.of(mask.mask())) {
            json.writeStartArray();
            writeRing(json, polygon.outer());
            for (Ring hole : polygon.holes()) {
                writeRing(json, hole);
            }
            json.writeEndArray();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndObject();
    }

    /** GeoJSON repeats the first corner at the end. */
    private static void writeRing(JsonGenerator json, Ring ring) throws IOException {
        json.writeStartArray();
        for (int i = 0; i <= ring.size(); i++) {
            json.writeArray(new int[] {ring.x(i % ring.size()), ring.y(i % ring.size())}, 0, 2);
        }
        json.writeEndArray();
    }

    private static void writeSegmentation(JsonGenerator json, AutomaticMask mask, OutputMode mode) throws IOException {
        CocoRle rle = mask.segmentation();
        if (mode == OutputMode.BINARY_MASK) {
            writeRows(json, mask.mask());
            return;
        }
        json.writeStartObject();
        writeInts(json, "size", rle.height(), rle.width());
        if (mode == OutputMode.COCO_RLE) {
            json.writeStringField("counts", rle.toCompressed());
        } else {
            writeInts(json, "counts", rle.counts());
        }
        json.writeEndObject();
    }

    private static void writeRows(JsonGenerator json, Mask mask) throws IOException {
        json.writeStartArray();
        for (int y = 0; y < mask.height(); y++) {
            json.writeStartArray();
            for (int x = 0; x < mask.width(); x++) {
                json.writeNumber(mask.get(x, y) ? 1 : 0);
            }
            json.writeEndArray();
        }
        json.writeEndArray();
    }

    private static void writeScores(JsonGenerator json, AutomaticMask mask) throws IOException {
        json.writeNumberField("predicted_iou", mask.predictedIou());
        json.writeArrayFieldStart("point_coords");
        json.writeStartArray();
        json.writeNumber(mask.pointX());
        json.writeNumber(mask.pointY());
        json.writeEndArray();
        json.writeEndArray();
        if (Float.isNaN(mask.stabilityScore())) {
            json.writeNullField("stability_score");
        } else {
            json.writeNumberField("stability_score", mask.stabilityScore());
        }
        writeInts(json, "crop_box", mask.crop().toXywh());
    }

    private static void writeInts(JsonGenerator json, String name, int... values) throws IOException {
        json.writeFieldName(name);
        json.writeArray(values, 0, values.length);
    }
}
