package dev.sam2j.predictors.mask;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.predictors.mask.coco.CocoWriter;
import dev.sam2j.predictors.mask.coco.RecordJson;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Masks of one picture in the formats of other programs. Files are written completely or not at all; those that
 * cannot be are told by an {@link java.io.UncheckedIOException}.
 */
public final class MaskExport {
    private MaskExport() {}

    /**
     * Writes a COCO data set of one picture, whose id is 1, as pycocotools reads it: segmentations are compressed run
     * lengths, boxes {@code [x, y, columns, rows]} as its {@code toBbox} makes them, ids count from 1.
     *
     * @param fileName {@code file_name} of the picture
     * @param width of the picture
     * @param height of the picture
     * @param records its masks
     * @param categories names of the classes by their numbers
     */
    public static void writeCoco(
            Path file, String fileName, int width, int height, List<MaskRecord> records, Map<Long, String> categories) {
        AtomicFiles.writeUnchecked(file, out -> {
            try (CocoWriter coco =
                    new CocoWriter(out, List.of(new CocoWriter.Image(1, fileName, width, height)), categories)) {
                for (MaskRecord record : records) {
                    coco.add(1, record);
                }
            }
        });
    }

    /** Writes a list of objects with {@code segmentation} (compressed run lengths), {@code area}, {@code bbox}, ... */
    public static void writeRles(Path file, List<MaskRecord> records) {
        RecordJson.write(file, json -> {
            json.writeStartArray();
            for (MaskRecord record : records) {
                json.writeStartObject();
                RecordJson.writeFields(json, record);
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /**
     * Writes the outlines as GeoJSON in pixel coordinates, x to the right and y down: one feature for each mask, a
     * MultiPolygon whose rings run along pixel sides, so that filling them gives back the exact mask, holes included.
     */
    public static void writePolygons(Path file, List<MaskRecord> records) {
        RecordJson.write(file, json -> {
            json.writeStartObject();
            json.writeStringField("type", "FeatureCollection");
            json.writeArrayFieldStart("features");
            for (int i = 0; i < records.size(); i++) {
                writeFeature(json, i + 1, records.get(i));
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void writeFeature(JsonGenerator json, int id, MaskRecord record) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "Feature");
        json.writeNumberField("id", id);
        json.writeObjectFieldStart("properties");
        json.writeNumberField("category_id", record.category());
        json.writeNumberField("area", record.mask().area());
        RecordJson.writeProperties(json, record.properties());
        json.writeEndObject();
        json.writeObjectFieldStart("geometry");
        json.writeStringField("type", "MultiPolygon");
        json.writeArrayFieldStart("coordinates");
        for (Polygon polygon : Polygon.of(record.mask().toMask())) {
            json.writeStartArray();
            writeRing(json, polygon.outer());
            for (Polygon.Ring hole : polygon.holes()) {
                writeRing(json, hole);
            }
            json.writeEndArray();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndObject();
    }

    /** GeoJSON repeats the first corner at the end. */
    private static void writeRing(JsonGenerator json, Polygon.Ring ring) throws IOException {
        json.writeStartArray();
        for (int i = 0; i <= ring.size(); i++) {
            json.writeArray(new int[] {ring.x(i % ring.size()), ring.y(i % ring.size())}, 0, 2);
        }
        json.writeEndArray();
    }

    /**
     * Writes YOLO's lines of boxes, {@code class cx cy w h} as fractions of the picture; masks without pixels are left
     * out.
     */
    public static void writeYoloBoxes(Path file, List<MaskRecord> records) {
        writeLines(file, records, (record, out) -> {
            int[] box = record.bbox();
            double width = record.mask().width();
            double height = record.mask().height();
            write(out, (box[0] + box[2] / 2.0) / width, (box[1] + box[3] / 2.0) / height);
            write(out, box[2] / width, box[3] / height);
        });
    }

    /**
     * Writes YOLO's lines of outlines, {@code class x1 y1 x2 y2 ...} as fractions of the picture, along pixel sides;
     * masks without pixels are left out. One line holds one outline, so pieces and holes are joined by cuts of no
     * width, walked forth and back: filling by the even-odd rule, as OpenCV does, gives the mask.
     */
    public static void writeYoloOutlines(Path file, List<MaskRecord> records) {
        writeLines(file, records, (record, out) -> {
            List<Polygon.Ring> rings = new ArrayList<>();
            for (Polygon polygon : Polygon.of(record.mask().toMask())) {
                rings.add(polygon.outer());
                rings.addAll(polygon.holes());
            }
            for (Polygon.Ring ring : rings) {
                for (int i = 0; i < ring.size(); i++) {
                    writeCorner(out, ring, i, record.mask());
                }
                if (rings.size() > 1) {
                    writeCorner(out, ring, 0, record.mask());
                }
            }
            for (int i = rings.size() - 2; i > 0; i--) {
                writeCorner(out, rings.get(i), 0, record.mask());
            }
        });
    }

    private static void writeCorner(Writer out, Polygon.Ring ring, int i, CocoRle mask) throws IOException {
        write(out, (double) ring.x(i) / mask.width(), (double) ring.y(i) / mask.height());
    }

    private static void write(Writer out, double x, double y) throws IOException {
        out.write(String.format(Locale.ROOT, " %.6f %.6f", x, y));
    }

    private interface Line {
        void writeTo(MaskRecord record, Writer out) throws IOException;
    }

    private static void writeLines(Path file, List<MaskRecord> records, Line line) {
        AtomicFiles.writeUnchecked(file, (OutputStream stream) -> {
            Writer out = new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8));
            for (MaskRecord record : records) {
                if (record.mask().area() > 0) {
                    out.write(Long.toString(record.category()));
                    line.writeTo(record, out);
                    out.write('\n');
                }
            }
            out.flush();
        });
    }
}
