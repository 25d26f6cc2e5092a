package dev.sam2j.cpu.decoder;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.ShareImage;

/**
 * Makes an image that prompts share one of {@link LowRankImages}: that takes less than half the arithmetic of an image
 * for each prompt, and half the memory. Nothing is computed before it is needed.
 */
public final class CpuShareImage {
    private CpuShareImage() {}

    /**
     * Shares the image if its shapes allow that and prompts of so many tokens gain by it; products of rows are cut into
     * groups.
     *
     * @return whether it did
     */
    public static boolean run(ShareImage op, CpuKernels kernels, Parallel parallel) {
        LowRankImages shared = LowRankImages.shared(
                kernels.gemm(),
                op.heads(),
                shared(op.image().positions(), kernels, parallel),
                shared(op.image().x(), kernels, parallel));
        boolean suits = shared.suits(op.tokens())
                && op.key().out() / op.heads() % LowRankLoops.ROW_GROUP == 0
                && shared.channels() <= GemmKernel.MAX_DEPTH;
        if (suits) {
            op.destination().accept(shared);
        }
        return suits;
    }

    private static SharedRows shared(Tensor x, CpuKernels kernels, Parallel parallel) {
        return new SharedRows(rows(x), x.dim(1), x.cols(), kernels, parallel);
    }
}
