package dev.sam2j.cli.auto;

import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.files.JsonStream;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.predictors.auto.AutomaticMaskOptions;
import dev.sam2j.predictors.auto.AutomaticMaskOptions.OutputMode;
import dev.sam2j.predictors.auto.PointGrid;
import dev.sam2j.predictors.auto.files.MaskOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Option;

/** How pictures are segmented automatically: the parameters of the reference's generator, with its defaults. */
public final class AutoOptions {
    private static final int MAX_LAYERS = 8;
    private static final int MAX_POINTS = 1_000_000;

    @Option(
            names = "--points-per-side",
            paramLabel = "N",
            description = "Points along each side of the grid of prompts (default: 32).")
    private Integer pointsPerSide;

    @Option(
            names = "--points-per-batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Most points decoded at once (default: ${DEFAULT-VALUE}).")
    private int pointsPerBatch;

    @Option(
            names = "--pred-iou-thresh",
            paramLabel = "0..1",
            defaultValue = "0.8",
            description = "Keep masks with a predicted quality above this (default: ${DEFAULT-VALUE}).")
    private double predIouThresh;

    @Option(
            names = "--stability-score-thresh",
            paramLabel = "0..1",
            defaultValue = "0.95",
            description = "Keep masks with at least this stability (default: ${DEFAULT-VALUE}).")
    private double stabilityScoreThresh;

    @Option(
            names = "--stability-score-offset",
            paramLabel = "LOGIT",
            defaultValue = "1.0",
            description = "Shift of the threshold that tests the stability (default: ${DEFAULT-VALUE}).")
    private double stabilityScoreOffset;

    @Option(
            names = "--mask-threshold",
            paramLabel = "LOGIT",
            defaultValue = "0.0",
            description = "Logit above which a pixel belongs to a mask (default: ${DEFAULT-VALUE}).")
    private double maskThreshold;

    @Option(
            names = "--box-nms-thresh",
            paramLabel = "0..1",
            defaultValue = "0.7",
            description =
                    "Drop masks whose box overlaps a better one's by more than this IoU (default: ${DEFAULT-VALUE}).")
    private double boxNmsThresh;

    @Option(
            names = "--crop-n-layers",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Also segment 4^i overlapping crops for each layer i from 1 to N (default: ${DEFAULT-VALUE}).")
    private int cropNLayers;

    @Option(
            names = "--crop-nms-thresh",
            paramLabel = "0..1",
            defaultValue = "0.7",
            description = "As --box-nms-thresh, between crops (default: ${DEFAULT-VALUE}).")
    private double cropNmsThresh;

    @Option(
            names = "--crop-overlap-ratio",
            paramLabel = "0..1",
            defaultValue = "" + 512.0 / 1500,
            description = "Overlap of crops as a fraction of the shorter side (default: 512/1500).")
    private double cropOverlapRatio;

    @Option(
            names = "--crop-n-points-downscale-factor",
            paramLabel = "N",
            defaultValue = "1",
            description = "Divide the points per side by this from layer to layer (default: ${DEFAULT-VALUE}).")
    private int cropNPointsDownscaleFactor;

    @Option(
            names = "--point-grids",
            paramLabel = "FILE.json",
            description =
                    "Own points instead of a regular grid: for the picture and each layer of crops a list of [x, y] "
                            + "from 0 to 1.")
    private Path pointGrids;

    @Option(
            names = "--min-mask-region-area",
            paramLabel = "PIXELS",
            defaultValue = "0",
            description = "Fill holes and remove islands of fewer pixels of the picture (default: ${DEFAULT-VALUE}).")
    private int minMaskRegionArea;

    @Option(
            names = "--low-res-regions",
            description = "Count --min-mask-region-area in cells of the model's low-resolution masks (4 pixels of its "
                    + "input a side), as the reference does on CUDA.")
    private boolean lowResRegions;

    @Option(
            names = "--output-mode",
            paramLabel = "MODE",
            defaultValue = "coco_rle",
            description = "Segmentations of --format json: binary_mask, uncompressed_rle or coco_rle (the default).")
    private OutputMode outputMode;

    @Option(names = "--use-m2m", description = "Refine each mask once by giving it back to the model.")
    private boolean useM2m;

    @Option(names = "--single-mask", description = "One mask for each point instead of three alternatives.")
    private boolean singleMask;

    @Option(
            names = "--label-order",
            paramLabel = "ORDER",
            defaultValue = "predicted_iou",
            description =
                    "Which mask wins in --format labels: predicted_iou (the default: the best) or area (the smallest).")
    private MaskOrder labelOrder;

    /**
     * The parameters.
     *
     * @throws CliException if one is out of range
     */
    public AutomaticMaskOptions toAutomaticMaskOptions() {
        if (pointsPerSide != null && pointGrids != null) {
            throw CliException.usage("give --points-per-side or --point-grids, not both");
        }
        AutomaticMaskOptions.Builder options = AutomaticMaskOptions.builder()
                .pointsPerBatch(pointsPerBatch)
                .predIouThresh(predIouThresh)
                .stabilityScoreThresh(stabilityScoreThresh)
                .stabilityScoreOffset(stabilityScoreOffset)
                .maskThreshold(maskThreshold)
                .boxNmsThresh(boxNmsThresh)
                .cropNLayers(cropNLayers)
                .cropNmsThresh(cropNmsThresh)
                .cropOverlapRatio(cropOverlapRatio)
                .cropNPointsDownscaleFactor(cropNPointsDownscaleFactor)
                .minMaskRegionArea(minMaskRegionArea)
                .lowResRegions(lowResRegions)
                .outputMode(outputMode)
                .useM2m(useM2m)
                .multimaskOutput(!singleMask);
        if (pointsPerSide != null) {
            options.pointsPerSide(pointsPerSide);
        }
        try {
            if (pointGrids != null) {
                options.pointGrids(grids());
            }
            return options.build();
        } catch (IllegalArgumentException e) {
            throw CliException.usage(e.getMessage());
        }
    }

    private List<PointGrid> grids() {
        List<PointGrid> grids = new ArrayList<>();
        try (JsonStream json = JsonStream.open(InputFile.of(pointGrids))) {
            if (!json.isArray()) {
                throw json.failure("expected a list of points [x, y] for the picture and each layer of crops");
            }
            while (json.nextElement()) {
                if (grids.size() > MAX_LAYERS) {
                    throw json.failure("there are more than " + MAX_LAYERS + " layers of crops");
                }
                grids.add(grid(json));
            }
            json.end();
        }
        return grids;
    }

    private static PointGrid grid(JsonStream json) {
        if (!json.isArray()) {
            throw json.failure("expected lists of points [x, y]");
        }
        DoubleStream.Builder points = DoubleStream.builder();
        for (int at = 0; json.nextElement(); at++) {
            double[] point = json.numbers(2);
            if (point == null) {
                throw json.failure("point " + at + ": expected two numbers [x, y] from 0 to 1");
            }
            if (at == MAX_POINTS) {
                throw json.failure("a layer has more points than the limit of " + MAX_POINTS);
            }
            points.add(point[0]).add(point[1]);
        }
        return PointGrid.of(points.build().toArray());
    }

    /** Which mask a pixel of the label map belongs to. */
    MaskOrder labelOrder() {
        return labelOrder;
    }
}
