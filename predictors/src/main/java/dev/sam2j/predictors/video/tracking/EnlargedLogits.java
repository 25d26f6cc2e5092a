package dev.sam2j.predictors.video.tracking;

import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.List;

/** Logits of masks at the resolution of the video, row-major. */
public final class EnlargedLogits {
    private static final float LOSER_LIMIT = -10;

    private EnlargedLogits() {}

    /** Enlarges a mask of {@code side * side} logits. */
    public static float[] of(Ops ops, float[] lowRes, int side, int width, int height) {
        try (Workspace.Frame frame = ops.frame()) {
            Tensor logits = ops.tensor(lowRes, 1, side, side, 1);
            return ops.toHost(ops.interpolate(logits, Interpolation.BILINEAR, height, width));
        }
    }

    /** At each pixel the largest logit, the first of equals, stays; the others become at most -10. */
    public static void separate(List<float[]> logits) {
        int pixels = logits.get(0).length;
        for (int p = 0; p < pixels && logits.size() > 1; p++) {
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
