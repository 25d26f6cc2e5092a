package dev.sam2j.cli.auto;

import dev.sam2j.predictors.auto.AutomaticMask;
import dev.sam2j.predictors.auto.AutomaticMaskOptions.OutputMode;
import dev.sam2j.predictors.auto.MaskJson;
import dev.sam2j.predictors.auto.files.MaskFiles;
import dev.sam2j.predictors.auto.files.MaskOrder;
import dev.sam2j.predictors.auto.files.MaskPictures;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.MaskPng;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What {@code sam2j auto} can write of a picture; each is one file or folder that appears complete or not at all. */
enum AutoFormat {
    /** A COCO data set with compressed run lengths. */
    COCO(".coco.json"),
    /** The reference's records. */
    JSON(".json"),
    /** A folder of binary masks. */
    PNG(".masks"),
    /** A label map. */
    LABELS(".labels.png"),
    /** A table. */
    CSV(".csv"),
    /** Outlines as GeoJSON. */
    POLYGONS(".geojson"),
    /** The picture with the masks drawn on it. */
    OVERLAY(".overlay.png"),
    /** A folder of objects cut out. */
    CUTOUTS(".cutouts");

    private final String suffix;

    AutoFormat(String suffix) {
        this.suffix = suffix;
    }

    /** The result of a picture. */
    Path file(Path folder, String name) {
        return folder.resolve(name + suffix);
    }

    /** Writes the result of a picture. */
    void write(
            Path file, String pictureName, Picture picture, List<AutomaticMask> masks, OutputMode mode, MaskOrder order)
            throws IOException {
        switch (this) {
            case COCO -> MaskJson.writeCoco(file, pictureName, picture.width(), picture.height(), masks);
            case JSON -> MaskJson.writeRecords(file, masks, mode);
            case PNG -> MaskFiles.writePngs(file, masks);
            case LABELS -> MaskPng.write(MaskPictures.labels(picture.width(), picture.height(), masks, order), file);
            case CSV -> MaskFiles.writeCsv(file, masks);
            case POLYGONS -> MaskJson.writePolygons(file, masks);
            case OVERLAY -> MaskPictures.overlay(picture, masks).write(file);
            case CUTOUTS -> MaskFiles.writeCutouts(file, picture, masks);
            default -> throw new IllegalStateException(name());
        }
    }
}
