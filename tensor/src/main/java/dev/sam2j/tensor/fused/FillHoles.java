package dev.sam2j.tensor.fused;

import static dev.sam2j.tensor.Checks.check;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.host.HoleFilling;

/**
 * Fills small holes of masks: components of logits at or below 0 that touch by sides or corners and have at most
 * {@code maxArea} pixels become {@code value}; NaN belongs to none. Step by step the host does so.
 *
 * @param logits (B, H, W) of float32 without gaps, changed in place
 * @param maxArea in pixels; 0 fills nothing
 */
public record FillHoles(Tensor logits, int maxArea, float value) implements FusedOp {
    private static final String NAME = "fillHoles";

    /**
     * Checks the operands.
     *
     * @throws IllegalArgumentException if the logits are of another form or the area is negative
     */
    public FillHoles {
        check(logits.shape().rank() == 3, NAME, "logits", "(B, H, W)", logits.shape());
        check(logits.dtype() == DType.F32, NAME, "logits", DType.F32, logits.dtype());
        check(logits.isContiguous(), NAME, "row stride", logits.cols(), logits.rowStride());
        check(maxArea >= 0, NAME, "area", "0 or more", maxArea);
    }

    @Override
    public void unfused(Ops ops) {
        if (maxArea == 0) {
            return;
        }
        int height = logits.dim(1);
        int width = logits.dim(2);
        float[] maps = ops.toHost(logits);
        for (int entry = 0; entry < logits.dim(0); entry++) {
            HoleFilling.run(maps, entry * height * width, height, width, maxArea, value);
        }
        ops.backend().upload(maps, 0, logits);
    }
}
