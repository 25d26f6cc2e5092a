package dev.sam2j.predictors.video;

import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.ArrayList;
import java.util.List;

/** Enlarges low-resolution masks to the video and makes results of them. */
final class ResultMaker {
    private static final float LOSER_LIMIT = -10;

    private final Ops ops;
    private final VideoOptions options;
    private final int lowRes;
    private final int width;
    private final int height;

    ResultMaker(Ops ops, VideoOptions options, int lowRes, int width, int height) {
        this.ops = ops;
        this.options = options;
        this.lowRes = lowRes;
        this.width = width;
        this.height = height;
    }

    /** One object of a result before enlargement. */
    record Part(int id, float[] mask, float presence, float iou) {}

    /** A result of parts, in their order. */
    FrameResult make(int frame, List<Part> parts) {
        boolean compete = options.nonOverlappingMasks() && parts.size() > 1;
        List<float[]> logits = options.logits() || compete ? enlarge(parts) : null;
        if (compete) {
            separate(logits);
        }
        List<TrackedObject> objects = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            Mask mask = logits == null
                    ? threshold(part.mask())
                    : Mask.ofLogits(width, height, logits.get(i), options.maskThreshold());
            objects.add(new TrackedObject(part.id(), mask, part.presence(), part.iou(), part.mask(), lowRes));
        }
        return new FrameResult(frame, objects, options.logits() ? logits : null);
    }

    private Mask threshold(float[] mask) {
        try (Workspace.Frame frame = ops.frame()) {
            Tensor logits = ops.tensor(mask, lowRes, lowRes);
            return Mask.of(width, height, ops.thresholdMask(logits, height, width, options.maskThreshold()));
        }
    }

    private List<float[]> enlarge(List<Part> parts) {
        List<float[]> enlarged = new ArrayList<>();
        for (Part part : parts) {
            try (Workspace.Frame frame = ops.frame()) {
                Tensor logits = ops.tensor(part.mask(), 1, lowRes, lowRes, 1);
                enlarged.add(ops.toHost(ops.interpolate(logits, Interpolation.BILINEAR, height, width)));
            }
        }
        return enlarged;
    }

    /** At each pixel the largest logit, the first of equals, stays; the others become at most -10. */
    private static void separate(List<float[]> logits) {
        int pixels = logits.get(0).length;
        for (int p = 0; p < pixels; p++) {
            int winner = 0;
            for (int i = 1; i < logits.size(); i++) {
                if (logits.get(i)[p] > logits.get(winner)[p]) {
                    winner = i;
                }
            }
            for (int i = 0; i < logits.size(); i++) {
                if (i != winner) {
                    logits.get(i)[p] = Math.min(logits.get(i)[p], LOSER_LIMIT);
                }
            }
        }
    }
}
