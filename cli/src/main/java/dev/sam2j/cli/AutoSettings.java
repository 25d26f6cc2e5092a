package dev.sam2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.predictors.auto.AutomaticMaskOptions;
import dev.sam2j.predictors.auto.MaskOrder;
import dev.sam2j.predictors.auto.PointGrid;
import dev.sam2j.weights.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** The file beside the results that says how they were made, so that a run is only continued with the same settings. */
final class AutoSettings {
    /** Name of the file. */
    static final String FILE = "sam2j-auto.json";

    private AutoSettings() {}

    /** Everything that results depend on. */
    static ObjectNode of(ModelOptions model, AutomaticMaskOptions options, MaskOrder order, boolean ignoreExif) {
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("model", model.model());
        node.put(
                "checkpoint",
                model.checkpoint() == null ? null : model.checkpoint().toString());
        node.put("postprocessing", model.postprocessing());
        node.put("ignore_exif", ignoreExif);
        node.put("points_per_side", options.pointsPerSide());
        node.put("pred_iou_thresh", options.predIouThresh());
        node.put("stability_score_thresh", options.stabilityScoreThresh());
        node.put("stability_score_offset", options.stabilityScoreOffset());
        node.put("mask_threshold", options.maskThreshold());
        node.put("box_nms_thresh", options.boxNmsThresh());
        node.put("crop_n_layers", options.cropNLayers());
        node.put("crop_nms_thresh", options.cropNmsThresh());
        node.put("crop_overlap_ratio", options.cropOverlapRatio());
        node.put("crop_n_points_downscale_factor", options.cropNPointsDownscaleFactor());
        node.put("min_mask_region_area", options.minMaskRegionArea());
        node.put("low_res_regions", options.lowResRegions());
        node.put("output_mode", options.outputMode().name());
        node.put("use_m2m", options.useM2m());
        node.put("multimask_output", options.multimaskOutput());
        node.put("label_order", order.name());
        if (options.pointGrids() != null) {
            var grids = node.putArray("point_grids");
            for (PointGrid grid : options.pointGrids()) {
                var points = grids.addArray();
                for (int i = 0; i < grid.size(); i++) {
                    points.add(grid.x(i)).add(grid.y(i));
                }
            }
        }
        return node;
    }

    /**
     * Checks that a folder holds no results of other settings.
     *
     * @throws CliException naming the settings that differ
     */
    static void check(Path folder, ObjectNode settings) {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return;
        }
        JsonNode earlier = Json.read(file);
        Set<String> names = new LinkedHashSet<>();
        settings.fieldNames().forEachRemaining(names::add);
        earlier.fieldNames().forEachRemaining(names::add);
        names.removeIf(name -> String.valueOf(earlier.get(name)).equals(String.valueOf(settings.get(name))));
        if (!names.isEmpty()) {
            throw CliException.failure(folder + " holds results of other settings (" + String.join(", ", names)
                    + "): name another folder, or replace them with --overwrite");
        }
    }

    /** Writes the settings, making the folder if it is not there. */
    static void write(Path folder, ObjectNode settings) throws IOException {
        AtomicFiles.createFolder(folder);
        AtomicFiles.writeString(folder.resolve(FILE), Json.text(settings) + "\n");
    }
}
