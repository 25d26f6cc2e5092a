package dev.sam2j.predictors.auto;

import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;
import dev.sam2j.predictors.mask.regions.SmallRegions;
import dev.sam2j.predictors.model.FiniteOutputs;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The masks of one crop that have passed the filters so far. A mask is counted and thresholded in one pass from its
 * low-resolution logits; those that pass are kept as run lengths, so that memory does not grow with the picture times
 * the candidates.
 */
final class Candidates {
    private final LoadedModel model;
    private final AutomaticMaskOptions options;
    private final CropBox crop;
    private final int pictureWidth;
    private final int pictureHeight;
    private final List<AutomaticMask> masks = new ArrayList<>();

    Candidates(LoadedModel model, AutomaticMaskOptions options, CropBox crop, int pictureWidth, int pictureHeight) {
        this.model = model;
        this.options = options;
        this.crop = crop;
        this.pictureWidth = pictureWidth;
        this.pictureHeight = pictureHeight;
    }

    /**
     * Adds a mask unless a filter drops it.
     *
     * @param logits (h, w) at low resolution
     * @param x column of the point in pixels of the picture
     * @param y row of the point
     */
    void offer(Ops ops, Tensor logits, float iou, float x, float y) {
        float low = (float) (options.maskThreshold() - options.stabilityScoreOffset());
        float middle = (float) options.maskThreshold();
        float high = (float) (options.maskThreshold() + options.stabilityScoreOffset());
        Tensor map = withoutSmallRegions(ops, logits);
        MaskBits found = ops.thresholdMask(map, crop.height(), crop.width(), low, middle, high)
                .get();
        float stability = stability(found);
        boolean stable = isStable(stability, options.stabilityScoreThresh());
        if (stable
                || found.low() == 0) { // infinite logits look stable, and none that is no number is above a threshold
            FiniteOutputs.require(model, "the logits of a mask", ops.toHost(map));
        }
        if (!stable) {
            return;
        }
        Mask mask = Mask.owning(crop.width(), crop.height(), found.bits());
        PixelBox box = AutomaticMask.bounds(mask).translate(crop.x(), crop.y());
        if (crop.cutsOff(box, pictureWidth, pictureHeight)) {
            return;
        }
        CocoRle segmentation = CocoRle.of(onPicture(mask));
        masks.add(new AutomaticMask(segmentation, box, iou, x, y, stability, crop));
    }

    private Tensor withoutSmallRegions(Ops ops, Tensor logits) {
        int area = options.minMaskRegionArea();
        if (area == 0 || !options.lowResRegions()) {
            return logits;
        }
        int height = logits.dim(0);
        int width = logits.dim(1);
        float threshold = (float) options.maskThreshold();
        return ops.tensor(
                SmallRegions.correct(ops.toHost(logits), width, height, threshold, area, area), height, width);
    }

    private Mask onPicture(Mask mask) {
        boolean whole = crop.width() == pictureWidth && crop.height() == pictureHeight;
        return whole ? mask : mask.placedAt(crop.x(), crop.y(), pictureWidth, pictureHeight);
    }

    /** Share of the pixels above the lower threshold that are above the higher one too; NaN if there are none. */
    static float stability(MaskBits mask) {
        return (float) mask.high() / mask.low();
    }

    /** Whether a mask passes; NaN passes no threshold above 0. */
    static boolean isStable(float stability, double threshold) {
        return threshold <= 0 || stability >= (float) threshold;
    }

    /** The masks by descending quality, less those whose box overlaps that of a better one too much. */
    List<AutomaticMask> suppressed() {
        float[] scores = new float[masks.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = masks.get(i).predictedIou();
        }
        return Suppression.keep(masks, scores, options.boxNmsThresh());
    }
}
