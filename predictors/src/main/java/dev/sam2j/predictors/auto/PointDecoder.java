package dev.sam2j.predictors.auto;

import dev.sam2j.heads.MaskDecoder;
import dev.sam2j.heads.MaskSelector;
import dev.sam2j.heads.PromptEncoder;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.predictors.LowResMask;
import dev.sam2j.predictors.model.FiniteOutputs;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.fused.Images;
import java.util.Arrays;

/**
 * Answers single points with masks at the model's low resolution. What all points of a picture share is computed once
 * for a group of them, and masks that fall under the quality threshold are not drawn at all.
 */
final class PointDecoder {
    /** Points decoded at once: enough to read weights and positions seldom, with 2 to 4 MB for the image each. */
    private static final int GROUP = 8;

    private final LoadedModel model;
    private final Ops ops;
    private final AutomaticMaskOptions options;
    private final MaskSelector selector;
    private final int lowRes;

    PointDecoder(LoadedModel model, Ops ops, AutomaticMaskOptions options) {
        this.model = model;
        this.ops = ops;
        this.options = options;
        this.selector = new MaskSelector(model.config().maskDecoder());
        this.lowRes = model.config().lowResMaskSize();
    }

    /** Receives masks in the order of points and alternatives. */
    @FunctionalInterface
    interface Consumer {
        /**
         * Takes a mask.
         *
         * @param point index of the point
         * @param iou predicted quality, above the threshold
         * @param logits (h, w), valid during the call
         */
        void mask(int point, float iou, Tensor logits);
    }

    /** Most points that {@link #decode} should be given at once. */
    int group() {
        return Math.min(options.pointsPerBatch(), GROUP);
    }

    /** What all points of a picture have in common; it lies in the caller's frame of the workspace. */
    record Shared(ImageFeatures features, Images image) {}

    /** Computes what the points of a picture have in common. */
    Shared share(ImageFeatures features) {
        PromptEncoder encoder = model.promptEncoder();
        return new Shared(
                features,
                model.maskDecoder().share(ops, features.embedding(), encoder.noMask(), encoder.gridPositions(), 1));
    }

    /**
     * Answers points.
     *
     * @param points x, y of each in pixels of the model's square picture
     */
    void decode(Shared shared, float[] points, Consumer consumer) {
        int count = points.length / 2;
        ImageFeatures features = shared.features();
        try (Workspace.Frame frame = ops.frame()) {
            MaskDecoder.Attended attended = model.maskDecoder().attend(ops, shared.image(), sparse(points));
            float[] iou = qualities(attended);
            int point = 0;
            while (point < count) {
                int end = point;
                while (end < count && isWanted(iou, end)) {
                    end++;
                }
                if (end > point) {
                    answer(features, attended.prompts(point, end), iou, points, point, consumer);
                }
                point = end + 1;
            }
        }
    }

    private float[] qualities(MaskDecoder.Attended attended) {
        return FiniteOutputs.require(model, "the predicted quality of a mask", ops.toHost(attended.iou()));
    }

    private record Target(int point, float[] at, Consumer consumer) {}

    private MaskDecoder.Attended attend(ImageFeatures features, float[] points, Tensor dense) {
        Tensor positions = model.promptEncoder().gridPositions();
        return model.maskDecoder().attend(ops, features.embedding(), sparse(points), dense, positions);
    }

    private Tensor sparse(float[] points) {
        int[] labels = new int[points.length / 2];
        Arrays.fill(labels, PromptEncoder.FOREGROUND);
        return model.promptEncoder().points(ops, points, labels, labels.length);
    }

    private Tensor draw(ImageFeatures features, MaskDecoder.Attended attended, int first) {
        Tensor masks = model.maskDecoder().masks(ops, attended, features.highRes0(), features.highRes1(), first);
        return masks.reshape(masks.dim(0) * masks.dim(1), lowRes, lowRes);
    }

    /** Draws the masks of points that follow each other, from {@code first} on, and finishes each. */
    private void answer(
            ImageFeatures features,
            MaskDecoder.Attended attended,
            float[] iou,
            float[] points,
            int first,
            Consumer consumer) {
        try (Workspace.Frame frame = ops.frame()) {
            int firstMask = firstMask();
            int drawn = MaskDecoder.MASKS - firstMask;
            Tensor masks = draw(features, attended, firstMask);
            for (int i = 0; i < masks.dim(0) / drawn; i++) {
                int point = first + i;
                Target target = new Target(point, new float[] {points[2 * point], points[2 * point + 1]}, consumer);
                float[] own = Arrays.copyOfRange(iou, point * MaskDecoder.MASKS, (point + 1) * MaskDecoder.MASKS);
                if (options.multimaskOutput()) {
                    for (int m = 0; m < drawn; m++) {
                        finish(features, map(masks, i * drawn + m), own[firstMask + m], target);
                    }
                } else {
                    int chosen = selector.single(ops.toHost(map(masks, i * drawn)), own);
                    finish(features, map(masks, i * drawn + chosen), own[chosen], target);
                }
            }
        }
    }

    /** First of the masks that can become an answer. */
    private int firstMask() {
        return options.multimaskOutput() ? 1 : 0;
    }

    /** Whether any mask of a point may pass; what a refinement will say is not known yet. */
    private boolean isWanted(float[] iou, int point) {
        int at = point * MaskDecoder.MASKS;
        return options.useM2m() || anyPasses(Arrays.copyOfRange(iou, at + firstMask(), at + MaskDecoder.MASKS));
    }

    /** Refines a mask if wanted and passes it on if its quality is good enough. */
    private void finish(ImageFeatures features, Tensor logits, float iou, Target target) {
        if (!options.useM2m()) {
            if (passes(iou)) {
                target.consumer().mask(target.point(), iou, logits);
            }
            return;
        }
        try (Workspace.Frame frame = ops.frame()) {
            float[] values = FiniteOutputs.require(model, "the logits of a mask", ops.toHost(logits));
            float[] clamped = LowResMask.of(values, lowRes).logits();
            Tensor dense = model.promptEncoder().mask(ops, ops.tensor(clamped, 1, lowRes, lowRes, 1));
            MaskDecoder.Attended attended = attend(features, target.at(), dense);
            float[] refinedIou = qualities(attended);
            if (!anyPasses(refinedIou)) {
                return;
            }
            Tensor masks = draw(features, attended, 0);
            int chosen = selector.single(ops.toHost(map(masks, 0)), refinedIou);
            if (passes(refinedIou[chosen])) {
                target.consumer().mask(target.point(), refinedIou[chosen], map(masks, chosen));
            }
        }
    }

    private Tensor map(Tensor masks, int index) {
        return masks.slice(index, index + 1).reshape(lowRes, lowRes);
    }

    private boolean passes(float iou) {
        return options.predIouThresh() <= 0 || iou > (float) options.predIouThresh();
    }

    private boolean anyPasses(float[] iou) {
        for (float value : iou) {
            if (passes(value)) {
                return true;
            }
        }
        return false;
    }
}
