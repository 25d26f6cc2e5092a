package dev.sam2j.cli.auto;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.Json;
import dev.sam2j.cli.options.ModelOptions;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.predictors.auto.AutomaticMaskOptions;
import dev.sam2j.predictors.auto.PointGrid;
import dev.sam2j.predictors.auto.files.MaskOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** The file beside the results that says how they were made, so that a run is only continued with the same settings. */
final class AutoSettings {
    /** Name of the file. */
    static final String FILE = "sam2j-auto.json";

    /** Key of the pictures that have results. */
    static final String PICTURES = "pictures";

    private static final String WEIGHTS = "weights";

    private AutoSettings() {}

    /** Everything that results depend on. */
    static ObjectNode of(ModelOptions model, AutomaticMaskOptions options, MaskOrder order) throws IOException {
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("model", model.model());
        node.put(
                "checkpoint",
                model.checkpoint() == null ? null : model.checkpoint().toString());
        node.put(WEIGHTS, model.weights());
        node.put("postprocessing", model.postprocessing());
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

    /** What the file in a folder says; nothing if there is none. */
    static JsonNode read(Path folder) {
        Path file = folder.resolve(FILE);
        return Files.exists(file) ? Json.read(file) : JsonNodeFactory.instance.objectNode();
    }

    /**
     * Checks that a folder holds no results of other settings. Those of versions that did not note the weights are made
     * again, and therefore no hindrance.
     *
     * @throws CliException naming the settings that differ
     */
    static void check(Path folder, ObjectNode settings) {
        JsonNode earlier = read(folder);
        Set<String> names = differences(earlier, settings);
        if (!earlier.isEmpty() && !earlier.has(WEIGHTS)) {
            names.remove(WEIGHTS);
        }
        if (!earlier.isEmpty() && !names.isEmpty()) {
            throw CliException.failure(folder + " holds results of other settings (" + String.join(", ", names)
                    + "): name another folder, or replace them with --overwrite");
        }
    }

    /** Names of the settings that differ from those of a file. */
    static Set<String> differences(JsonNode file, ObjectNode settings) {
        Set<String> names = new LinkedHashSet<>();
        settings.fieldNames().forEachRemaining(names::add);
        file.fieldNames().forEachRemaining(names::add);
        names.remove(PICTURES);
        names.removeIf(name -> String.valueOf(file.get(name)).equals(String.valueOf(settings.get(name))));
        return names;
    }
}
