package dev.sam2j.cli.files;

import dev.sam2j.predictors.mask.MaskExport;
import dev.sam2j.predictors.mask.MaskRecord;
import dev.sam2j.predictors.mask.coco.CocoWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What {@code segment} and {@code track} can write of masks. */
public enum MaskFormat {
    /** A binary picture for each mask. */
    PNG(null),
    /** The picture with the masks drawn on it. */
    OVERLAY(null),
    /** The objects cut out. */
    CUTOUT(null),
    /** A COCO data set with compressed run lengths. */
    COCO("coco.json"),
    /** A list of compressed run lengths. */
    RLE("rle.json"),
    /** Outlines as GeoJSON. */
    POLYGONS("polygons.geojson"),
    /** YOLO's lines of boxes. */
    YOLO("yolo.txt"),
    /** YOLO's lines of outlines. */
    YOLO_SEG("yolo-seg.txt");

    private final String file;

    MaskFormat(String file) {
        this.file = file;
    }

    /** Name of the one file of all masks, or null if the format is not of that kind. */
    public String file() {
        return file;
    }

    /** Name of the folder where {@code track} has a file for each frame. */
    public String folder() {
        return file.substring(0, file.lastIndexOf('.'));
    }

    /** Writes the one file of all masks of a picture. */
    public void write(Path target, CocoWriter.Image image, List<MaskRecord> records, MaskClasses classes)
            throws IOException {
        switch (this) {
            case COCO ->
                MaskExport.writeCoco(target, image.fileName(), image.width(), image.height(), records, classes.names());
            case RLE -> MaskExport.writeRles(target, records);
            case POLYGONS -> MaskExport.writePolygons(target, records);
            case YOLO -> MaskExport.writeYoloBoxes(target, classes.forYolo(records));
            case YOLO_SEG -> MaskExport.writeYoloOutlines(target, classes.forYolo(records));
            default -> throw new IllegalStateException(name());
        }
    }

    /** The name as it is given on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
