package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.pictures.LineTaps;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.MaskLossSums;
import dev.sam2j.tensor.training.MaskTruth;
import java.util.Arrays;

/**
 * The losses of masks on enlarged logits, and their adjoint, a line of the enlarged map at a time: lines of logits are
 * stretched once, each enlarged line is a blend of two of them.
 */
final class MaskLoss {
    /** Enlarged lines whose sums are one block. */
    private static final int BLOCK = 32;
    /** Lines of logits whose gradients are summed together; enlarged lines at their edges are computed twice. */
    private static final int GRADIENT_LINES = 16;

    private static final int SLOT_UPPER = 0;
    private static final int SLOT_LOWER = 1;
    private static final int SLOT_SLOPES = 2;
    private static final int SLOT_GRADIENTS = 3;
    private static final int SLOT_PIXELS = 4;

    private final Rows logits;
    private final int height;
    private final int masks;
    private final int masksOfObject;
    private final MaskTruth truth;
    private final int size;
    private final float alpha;
    private final float gamma;
    private final LineTaps vertical;
    private final LineTaps horizontal;
    private final CpuKernels kernels;
    private final MaskLossLoops loops;
    private final Parallel parallel;

    MaskLoss(Tensor logits, MaskTruth truth, float alpha, float gamma, CpuKernels kernels, Parallel parallel) {
        this.logits = rows(logits);
        this.height = logits.dim(2);
        this.masks = logits.dim(0) * logits.dim(1);
        this.masksOfObject = logits.dim(1);
        this.truth = truth;
        this.size = truth.size();
        this.alpha = alpha;
        this.gamma = gamma;
        this.vertical = LineTaps.bilinear(height, size);
        this.horizontal = LineTaps.bilinear(logits.dim(3), size);
        this.kernels = kernels;
        this.loops = kernels.maskLoss();
        this.parallel = parallel;
    }

    MaskLossSums[] sums() {
        int blocks = (size + BLOCK - 1) / BLOCK;
        double[][] sums = new double[masks * blocks][3];
        long[] counts = new long[masks * blocks];
        parallel.forEach(masks * blocks, (task, scratch) -> {
            Lines lines = new Lines(task / blocks, scratch);
            int from = task % blocks * BLOCK;
            for (int y = from; y < Math.min(from + BLOCK, size); y++) {
                counts[task] += lines.pixels(y);
                loops.addSums(lines.pixels, alpha, sums[task], 0, size);
            }
        });
        MaskLossSums[] result = new MaskLossSums[masks];
        for (int mask = 0; mask < masks; mask++) {
            double[] sum = new double[3];
            long positive = 0;
            long inside = 0;
            for (int task = mask * blocks; task < (mask + 1) * blocks; task++) {
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += sums[task][i];
                }
                positive += counts[task] >>> 32;
                inside += (int) counts[task];
            }
            long union = positive + truth.areas()[mask / masksOfObject] - inside;
            result[mask] = new MaskLossSums(sum[0], sum[1], sum[2], inside, union);
        }
        return result;
    }

    /** Adds to dLogits, see {@code TrainingOps}. */
    void backward(double[] focal, double[] probability, double[] agreement, Tensor tensorDLogits) {
        Rows dLogits = rows(tensorDLogits);
        LineTaps.Adjoint adjoint = horizontal.adjoint(tensorDLogits.cols());
        int blocks = (height + GRADIENT_LINES - 1) / GRADIENT_LINES;
        parallel.forEach(masks * blocks, (task, scratch) -> {
            int mask = task / blocks;
            if (focal[mask] == 0 && probability[mask] == 0 && agreement[mask] == 0) {
                return;
            }
            int first = task % blocks * GRADIENT_LINES;
            int lines = Math.min(GRADIENT_LINES, height - first);
            float[] gradients = stretchedGradients(
                    mask,
                    (float) focal[mask],
                    (float) probability[mask],
                    (float) agreement[mask],
                    first,
                    lines,
                    scratch);
            for (int line = 0; line < lines; line++) {
                adjoint.add(gradients, line * size, dLogits.data(), dLogits.at(mask * height + first + line));
            }
        });
    }

    /** Gradients of {@code lines} stretched lines of logits from {@code first} on. */
    private float[] stretchedGradients(
            int mask, float focal, float probability, float agreement, int first, int lines, Scratch scratch) {
        float[] gradients = scratch.floats(SLOT_GRADIENTS, lines * size);
        Arrays.fill(gradients, 0, lines * size, 0);
        float[] slopes = scratch.floats(SLOT_SLOPES, size);
        Lines enlarged = new Lines(mask, scratch);
        for (int y = 0; y < size; y++) {
            int above = vertical.first()[y] - first;
            int below = vertical.second()[y] - first;
            if (below < 0 || above >= lines) {
                continue;
            }
            enlarged.pixels(y);
            loops.slopes(enlarged.pixels, alpha, gamma, focal, probability, agreement, slopes, 0, size);
            if (above >= 0) {
                add(vertical.firstWeight()[y], slopes, gradients, above);
            }
            if (below < lines) {
                add(vertical.secondWeight()[y], slopes, gradients, below);
            }
        }
        return gradients;
    }

    private void add(float weight, float[] slopes, float[] gradients, int line) {
        kernels.pictures().addScaled(weight, slopes, 0, gradients, line * size, size);
    }

    /** Enlarged lines of a mask, one after the other. */
    private final class Lines {
        final LossPixels pixels;
        private final int mask;
        private float[] upper;
        private float[] lower;
        private int above = -1;
        private int below = -1;

        Lines(int mask, Scratch scratch) {
            this.mask = mask;
            this.upper = scratch.floats(SLOT_UPPER, size);
            this.lower = scratch.floats(SLOT_LOWER, size);
            this.pixels = LossPixels.of(scratch, SLOT_PIXELS, size);
        }

        /** Makes {@link #pixels} line y; returns what {@link MaskLossLoops#compare} does. */
        long pixels(int y) {
            stretch(vertical.first()[y], vertical.second()[y]);
            kernels.rows()
                    .combine(
                            vertical.secondWeight()[y],
                            lower,
                            0,
                            vertical.firstWeight()[y],
                            upper,
                            0,
                            pixels.logit(),
                            0,
                            size);
            long counts = loops.compare(pixels, truth.bits()[mask / masksOfObject], (long) y * size, 0, size);
            loops.logistic(pixels, 0, size);
            loops.focus(pixels, gamma, 0, size);
            return counts;
        }

        private void stretch(int newAbove, int newBelow) {
            if (newAbove == below) {
                float[] swap = upper;
                upper = lower;
                lower = swap;
                int line = above;
                above = below;
                below = line;
            }
            if (newAbove != above) {
                stretch(newAbove, upper);
                above = newAbove;
            }
            if (newBelow != below) {
                stretch(newBelow, lower);
                below = newBelow;
            }
        }

        private void stretch(int line, float[] out) {
            horizontal.stretch(kernels.pictures(), logits.data(), logits.at(mask * height + line), out, 0, size);
        }
    }
}
