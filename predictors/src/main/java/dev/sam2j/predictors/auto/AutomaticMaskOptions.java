package dev.sam2j.predictors.auto;

import java.util.List;

/**
 * How pictures are segmented automatically; names, meanings and defaults are those of SAM 2's automatic mask generator.
 *
 * @param pointsPerSide points along each side of the grid of prompts on the whole picture, 1 to 4096; 0 if
 *     {@code pointGrids} are given
 * @param pointsPerBatch most points decoded at once, at least 1; does not change results
 * @param predIouThresh masks are kept whose predicted quality is above this, 0 to 1; 0 keeps all
 * @param stabilityScoreThresh masks are kept whose stability score is at least this, 0 to 1; 0 keeps all
 * @param stabilityScoreOffset how far from {@code maskThreshold} the two thresholds of the stability score lie, at
 *     least 0
 * @param maskThreshold logit above which a pixel belongs to a mask
 * @param boxNmsThresh largest IoU of the boxes of two masks of one crop, 0 to 1
 * @param cropNLayers layers of crops besides the whole picture, 0 to 8; layer i has 4<sup>i</sup> crops
 * @param cropNmsThresh largest IoU of the boxes of two masks of different crops, 0 to 1
 * @param cropOverlapRatio overlap of the crops of layer 1 as a fraction of the shorter side, 0 to less than 1
 * @param cropNPointsDownscaleFactor by how much the points per side shrink from layer to layer, at least 1
 * @param pointGrids own points for the whole picture and each layer of crops, or null for regular grids
 * @param minMaskRegionArea holes and islands of fewer pixels of the picture than this are filled and removed, boxes and
 *     suppression follow; at least 0
 * @param lowResRegions whether {@code minMaskRegionArea} is taken as the reference takes it on CUDA: holes and islands
 *     of up to as many cells of the model's low-resolution masks, before masks are scored; a cell covers many pixels of
 *     a large picture
 * @param outputMode how {@link MaskJson#writeRecords} writes segmentations
 * @param useM2m whether each mask is refined once by giving it back to the model with its point
 * @param multimaskOutput whether each point yields three alternatives rather than one mask
 */
public record AutomaticMaskOptions(
        int pointsPerSide,
        int pointsPerBatch,
        double predIouThresh,
        double stabilityScoreThresh,
        double stabilityScoreOffset,
        double maskThreshold,
        double boxNmsThresh,
        int cropNLayers,
        double cropNmsThresh,
        double cropOverlapRatio,
        int cropNPointsDownscaleFactor,
        List<PointGrid> pointGrids,
        int minMaskRegionArea,
        boolean lowResRegions,
        OutputMode outputMode,
        boolean useM2m,
        boolean multimaskOutput) {
    /** The reference's defaults. */
    public static final AutomaticMaskOptions DEFAULT = new AutomaticMaskOptions(
            32, 64, 0.8, 0.95, 1, 0, 0.7, 0, 0.7, 512 / 1500.0, 1, null, 0, false, OutputMode.BINARY_MASK, false, true);

    /** How segmentations of automatic masks are written to JSON; in memory they are always run lengths. */
    public enum OutputMode {
        /** One number, 0 or 1, per pixel, row by row. */
        BINARY_MASK,
        /** Run lengths of COCO as a list of numbers. */
        UNCOMPRESSED_RLE,
        /** Run lengths of COCO as pycocotools' string. */
        COCO_RLE
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException in one sentence, if a parameter is out of range
     */
    public AutomaticMaskOptions {
        if (pointGrids == null) {
            require("points per side", pointsPerSide, 1, PointGrid.MAX_SIDE);
        } else if (pointsPerSide != 0) {
            throw new IllegalArgumentException("points: give points per side or own point grids, not both");
        }
        requireAtLeast("points per batch", pointsPerBatch, 1);
        requireFraction("predicted IoU threshold", predIouThresh);
        requireFraction("stability score threshold", stabilityScoreThresh);
        boolean finite = Float.isFinite((float) stabilityScoreOffset);
        require(finite && stabilityScoreOffset >= 0, "stability score offset", "at least 0", stabilityScoreOffset);
        require(Float.isFinite((float) maskThreshold), "mask threshold", "a finite number", maskThreshold);
        requireFraction("box NMS threshold", boxNmsThresh);
        require("crop layers", cropNLayers, 0, CropBox.MAX_LAYERS);
        requireFraction("crop NMS threshold", cropNmsThresh);
        boolean partly = cropOverlapRatio >= 0 && cropOverlapRatio < 1;
        require(partly, "crop overlap ratio", "from 0 to less than 1", cropOverlapRatio);
        requireAtLeast("crop points downscale factor", cropNPointsDownscaleFactor, 1);
        requireAtLeast("minimum mask region area", minMaskRegionArea, 0);
        require(outputMode != null, "output mode", "one of the constants", null);
        if (pointGrids != null) {
            pointGrids = List.copyOf(pointGrids);
            if (pointGrids.size() != cropNLayers + 1) {
                throw new IllegalArgumentException(
                        "point grids: expected one for the whole picture and one for each of " + cropNLayers
                                + " crop layers, got " + pointGrids.size());
            }
        } else {
            PointGrid.forLayers(pointsPerSide, cropNLayers, cropNPointsDownscaleFactor); // refuses empty layers
        }
    }

    /** Grids of points for the whole picture and each layer of crops. */
    public List<PointGrid> grids() {
        return pointGrids != null
                ? pointGrids
                : PointGrid.forLayers(pointsPerSide, cropNLayers, cropNPointsDownscaleFactor);
    }

    /** Changes of the defaults. */
    public static Builder builder() {
        return DEFAULT.toBuilder();
    }

    /** Changes of these options. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    private static void requireFraction(String name, double value) {
        require(value >= 0 && value <= 1, name, "from 0 to 1", value);
    }

    private static void require(String name, int value, int from, int to) {
        require(value >= from && value <= to, name, "from " + from + " to " + to, value);
    }

    private static void requireAtLeast(String name, int value, int least) {
        require(value >= least, name, "at least " + least, value);
    }

    private static void require(boolean holds, String name, String expected, Object got) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": expected " + expected + ", got " + got);
        }
    }

    /** Changes some of the options, whose names its methods bear. */
    public static final class Builder {
        private int pointsPerSide;
        private int pointsPerBatch;
        private double predIouThresh;
        private double stabilityScoreThresh;
        private double stabilityScoreOffset;
        private double maskThreshold;
        private double boxNmsThresh;
        private int cropNLayers;
        private double cropNmsThresh;
        private double cropOverlapRatio;
        private int cropNPointsDownscaleFactor;
        private List<PointGrid> pointGrids;
        private int minMaskRegionArea;
        private boolean lowResRegions;
        private OutputMode outputMode;
        private boolean useM2m;
        private boolean multimaskOutput;

        private Builder(AutomaticMaskOptions start) {
            this.pointsPerSide = start.pointsPerSide();
            this.pointsPerBatch = start.pointsPerBatch();
            this.predIouThresh = start.predIouThresh();
            this.stabilityScoreThresh = start.stabilityScoreThresh();
            this.stabilityScoreOffset = start.stabilityScoreOffset();
            this.maskThreshold = start.maskThreshold();
            this.boxNmsThresh = start.boxNmsThresh();
            this.cropNLayers = start.cropNLayers();
            this.cropNmsThresh = start.cropNmsThresh();
            this.cropOverlapRatio = start.cropOverlapRatio();
            this.cropNPointsDownscaleFactor = start.cropNPointsDownscaleFactor();
            this.pointGrids = start.pointGrids();
            this.minMaskRegionArea = start.minMaskRegionArea();
            this.lowResRegions = start.lowResRegions();
            this.outputMode = start.outputMode();
            this.useM2m = start.useM2m();
            this.multimaskOutput = start.multimaskOutput();
        }

        /** See {@link AutomaticMaskOptions#pointsPerSide}. */
        public Builder pointsPerSide(int value) {
            pointsPerSide = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#pointsPerBatch}. */
        public Builder pointsPerBatch(int value) {
            pointsPerBatch = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#predIouThresh}. */
        public Builder predIouThresh(double value) {
            predIouThresh = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#stabilityScoreThresh}. */
        public Builder stabilityScoreThresh(double value) {
            stabilityScoreThresh = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#stabilityScoreOffset}. */
        public Builder stabilityScoreOffset(double value) {
            stabilityScoreOffset = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#maskThreshold}. */
        public Builder maskThreshold(double value) {
            maskThreshold = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#boxNmsThresh}. */
        public Builder boxNmsThresh(double value) {
            boxNmsThresh = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#cropNLayers}. */
        public Builder cropNLayers(int value) {
            cropNLayers = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#cropNmsThresh}. */
        public Builder cropNmsThresh(double value) {
            cropNmsThresh = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#cropOverlapRatio}. */
        public Builder cropOverlapRatio(double value) {
            cropOverlapRatio = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#cropNPointsDownscaleFactor}. */
        public Builder cropNPointsDownscaleFactor(int value) {
            cropNPointsDownscaleFactor = value;
            return this;
        }

        /** Own points instead of regular grids; null goes back to {@link #pointsPerSide}. */
        public Builder pointGrids(List<PointGrid> value) {
            pointGrids = value;
            pointsPerSide = value == null ? AutomaticMaskOptions.DEFAULT.pointsPerSide() : 0;
            return this;
        }

        /** See {@link AutomaticMaskOptions#minMaskRegionArea}. */
        public Builder minMaskRegionArea(int value) {
            minMaskRegionArea = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#lowResRegions}. */
        public Builder lowResRegions(boolean value) {
            lowResRegions = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#outputMode}. */
        public Builder outputMode(OutputMode value) {
            outputMode = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#useM2m}. */
        public Builder useM2m(boolean value) {
            useM2m = value;
            return this;
        }

        /** See {@link AutomaticMaskOptions#multimaskOutput}. */
        public Builder multimaskOutput(boolean value) {
            multimaskOutput = value;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException in one sentence, if a parameter is out of range
         */
        public AutomaticMaskOptions build() {
            return new AutomaticMaskOptions(
                    pointsPerSide,
                    pointsPerBatch,
                    predIouThresh,
                    stabilityScoreThresh,
                    stabilityScoreOffset,
                    maskThreshold,
                    boxNmsThresh,
                    cropNLayers,
                    cropNmsThresh,
                    cropOverlapRatio,
                    cropNPointsDownscaleFactor,
                    pointGrids,
                    minMaskRegionArea,
                    lowResRegions,
                    outputMode,
                    useM2m,
                    multimaskOutput);
        }
    }
}
