package dev.sam2j.tensor.fused;

import static dev.sam2j.tensor.Checks.check;
import static dev.sam2j.tensor.Checks.checkImage;
import static dev.sam2j.tensor.Checks.checkShape;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;

/**
 * Masks of B prompts: {@code filters gelu(up2(gelu(norm(up1(image) + highRes1))) + highRes0)ᵀ}, where {@code up1} and
 * {@code up2} are transposed convolutions as in {@link Ops#convTranspose2d}. Step by step every enlarged picture is
 * stored.
 *
 * @param images for B prompts, of h*w positions
 * @param highRes0 (1, 4h, 4w, C2)
 * @param highRes1 (1, 2h, 2w, C1)
 * @param filters (B, M, C2)
 * @param destination (B, M, 4h*4w)
 */
public record DrawMasks(
        Images images, MaskUpscaling layers, Tensor highRes0, Tensor highRes1, Tensor filters, Tensor destination)
        implements FusedOp {
    private static final String NAME = "drawMasks";

    /**
     * Checks the operands.
     *
     * @throws IllegalArgumentException if one does not fit the others
     */
    public DrawMasks {
        checkImage(NAME, highRes1);
        int height = highRes1.dim(1) / 2;
        int width = highRes1.dim(2) / 2;
        check(height * width == images.pixels(), NAME, "positions", height * width, images.pixels());
        layers.checkFits(NAME, images.channels());
        checkShape(NAME, "features of twice the size", highRes1, 1, 2 * height, 2 * width, layers.channels1());
        checkShape(NAME, "features of four times the size", highRes0, 1, 4 * height, 4 * width, layers.channels2());
        check(filters.shape().rank() == 3, NAME, "filters", "(B, M, C)", filters.shape());
        checkShape(NAME, "filters", filters, images.batch(), filters.dim(1), layers.channels2());
        checkShape(NAME, "destination", destination, images.batch(), filters.dim(1), 16 * height * width);
    }

    /** Rows of the images' grid. */
    public int height() {
        return highRes1.dim(1) / 2;
    }

    /** Columns of the images' grid. */
    public int width() {
        return highRes1.dim(2) / 2;
    }

    @Override
    public void unfused(Ops ops) {
        int batch = images.batch();
        try (Workspace.Frame frame = ops.frame()) {
            Tensor image = ((DenseImages) images).x().reshape(batch, height(), width(), images.channels());
            Projection up1 = layers.up1();
            Tensor half = ops.convTranspose2d(
                    image, up1.matrix(), Epilogue.bias(up1.bias()).plus(highRes1));
            layers.norm().forwardInPlace(ops, half, Activation.GELU);
            Projection up2 = layers.up2();
            Tensor full = ops.convTranspose2d(
                    half, up2.matrix(), Epilogue.bias(up2.bias()).plus(highRes0));
            ops.unary(full, 1, 0, Activation.GELU, full);
            ops.matmul(filters, full.reshape(batch, full.dim(1) * full.dim(2), full.cols()), destination);
        }
    }
}
