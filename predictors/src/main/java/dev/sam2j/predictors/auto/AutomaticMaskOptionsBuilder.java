package dev.sam2j.predictors.auto;

import java.util.List;

/** Changes some of the {@link AutomaticMaskOptions}, whose parameters the methods are named after. */
public final class AutomaticMaskOptionsBuilder {
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

    AutomaticMaskOptionsBuilder(AutomaticMaskOptions start) {
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
    public AutomaticMaskOptionsBuilder pointsPerSide(int value) {
        pointsPerSide = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#pointsPerBatch}. */
    public AutomaticMaskOptionsBuilder pointsPerBatch(int value) {
        pointsPerBatch = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#predIouThresh}. */
    public AutomaticMaskOptionsBuilder predIouThresh(double value) {
        predIouThresh = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#stabilityScoreThresh}. */
    public AutomaticMaskOptionsBuilder stabilityScoreThresh(double value) {
        stabilityScoreThresh = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#stabilityScoreOffset}. */
    public AutomaticMaskOptionsBuilder stabilityScoreOffset(double value) {
        stabilityScoreOffset = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#maskThreshold}. */
    public AutomaticMaskOptionsBuilder maskThreshold(double value) {
        maskThreshold = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#boxNmsThresh}. */
    public AutomaticMaskOptionsBuilder boxNmsThresh(double value) {
        boxNmsThresh = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#cropNLayers}. */
    public AutomaticMaskOptionsBuilder cropNLayers(int value) {
        cropNLayers = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#cropNmsThresh}. */
    public AutomaticMaskOptionsBuilder cropNmsThresh(double value) {
        cropNmsThresh = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#cropOverlapRatio}. */
    public AutomaticMaskOptionsBuilder cropOverlapRatio(double value) {
        cropOverlapRatio = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#cropNPointsDownscaleFactor}. */
    public AutomaticMaskOptionsBuilder cropNPointsDownscaleFactor(int value) {
        cropNPointsDownscaleFactor = value;
        return this;
    }

    /** Own points instead of regular grids; null goes back to {@link #pointsPerSide}. */
    public AutomaticMaskOptionsBuilder pointGrids(List<PointGrid> value) {
        pointGrids = value;
        pointsPerSide = value == null ? AutomaticMaskOptions.DEFAULT.pointsPerSide() : 0;
        return this;
    }

    /** See {@link AutomaticMaskOptions#minMaskRegionArea}. */
    public AutomaticMaskOptionsBuilder minMaskRegionArea(int value) {
        minMaskRegionArea = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#lowResRegions}. */
    public AutomaticMaskOptionsBuilder lowResRegions(boolean value) {
        lowResRegions = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#outputMode}. */
    public AutomaticMaskOptionsBuilder outputMode(OutputMode value) {
        outputMode = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#useM2m}. */
    public AutomaticMaskOptionsBuilder useM2m(boolean value) {
        useM2m = value;
        return this;
    }

    /** See {@link AutomaticMaskOptions#multimaskOutput}. */
    public AutomaticMaskOptionsBuilder multimaskOutput(boolean value) {
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
