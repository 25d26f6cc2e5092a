package dev.sam2j.cpu.pictures;

import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.fused.FillHoles;
import dev.sam2j.tensor.host.HoleFilling;

/** Fills holes of masks, one after the other on each thread. */
public final class CpuFillHoles {
    private CpuFillHoles() {}

    /**
     * Fills them where they lie.
     *
     * @return that it did
     */
    public static boolean run(FillHoles op, Parallel parallel) {
        Rows maps = CpuStorage.rows(op.logits());
        int height = op.logits().dim(1);
        int width = op.logits().dim(2);
        parallel.forRange(op.logits().dim(0), 1, (from, to, scratch) -> {
            for (int entry = from; entry < to; entry++) {
                HoleFilling.run(maps.data(), maps.at(entry * height), height, width, op.maxArea(), op.value());
            }
        });
        return true;
    }
}
