package dev.sam2j.predictors.auto;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.sam2j.predictors.auto.AutomaticMaskOptions.OutputMode;
import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskExport;
import dev.sam2j.predictors.mask.MaskRecord;
import dev.sam2j.predictors.mask.coco.RecordJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Automatic masks as JSON, in which a score that is NaN becomes null. Files are written completely or not at all; those
 * that cannot be are told by an {@link java.io.UncheckedIOException}.
 */
public final class MaskJson {
    private MaskJson() {}

    /**
     * Writes a data set in the format of COCO that holds one picture and its masks, as pycocotools reads it:
     * segmentations are compressed run lengths, boxes {@code [x, y, columns, rows]} as its {@code toBbox} makes them.
     * Predicted IoU, stability score, point and crop of each mask are further fields of its annotation; the only
     * category is {@code object}.
     *
     * @param pictureName {@code file_name} of the picture
     */
    public static void writeCoco(Path file, String pictureName, int width, int height, List<AutomaticMask> masks) {
        MaskExport.writeCoco(file, pictureName, width, height, records(masks), Map.of(1L, "object"));
    }

    private static List<MaskRecord> records(List<AutomaticMask> masks) {
        return masks.stream().map(MaskJson::record).toList();
    }

    private static MaskRecord record(AutomaticMask mask) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("predicted_iou", mask.predictedIou());
        properties.put("point_coords", List.of(List.of(mask.pointX(), mask.pointY())));
        properties.put("stability_score", mask.stabilityScore());
        properties.put("crop_box", mask.crop().toXywh());
        return new MaskRecord(mask.segmentation(), 1, properties);
    }

    /**
     * Writes the masks as a list of records with the names and boxes of the reference's generator: segmentation, area,
     * bbox, predicted_iou, point_coords, stability_score, crop_box.
     *
     * @param mode form of the segmentations
     */
    public static void writeRecords(Path file, List<AutomaticMask> masks, OutputMode mode) {
        RecordJson.write(file, json -> {
            json.writeStartArray();
            for (AutomaticMask mask : masks) {
                json.writeStartObject();
                json.writeFieldName("segmentation");
                writeSegmentation(json, mask, mode);
                json.writeNumberField("area", mask.area());
                RecordJson.writeInts(json, "bbox", mask.bbox());
                RecordJson.writeProperties(json, record(mask).properties());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /**
     * Writes the outlines as GeoJSON in pixel coordinates, x to the right and y down: one feature for each mask, a
     * MultiPolygon whose rings run along pixel sides, so that filling them gives back the exact mask, holes included.
     */
    public static void writePolygons(Path file, List<AutomaticMask> masks) {
        MaskExport.writePolygons(file, records(masks));
    }

    private static void writeSegmentation(JsonGenerator json, AutomaticMask mask, OutputMode mode) throws IOException {
        CocoRle rle = mask.segmentation();
        if (mode == OutputMode.BINARY_MASK) {
            writeRows(json, mask.mask());
            return;
        }
        json.writeStartObject();
        RecordJson.writeInts(json, "size", rle.height(), rle.width());
        if (mode == OutputMode.COCO_RLE) {
            json.writeStringField("counts", rle.toCompressed());
        } else {
            RecordJson.writeInts(json, "counts", rle.counts());
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
}
