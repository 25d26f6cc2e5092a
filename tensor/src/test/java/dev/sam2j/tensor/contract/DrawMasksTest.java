package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.fused.DenseImages;
import dev.sam2j.tensor.fused.DrawMasks;
import dev.sam2j.tensor.fused.MaskUpscaling;
import dev.sam2j.tensor.fused.Norm;
import dev.sam2j.tensor.fused.Projection;
import org.junit.jupiter.api.Test;

class DrawMasksTest extends BackendContract {
    @Test
    void wholeVectorsOfPositions() {
        check(1, 8, 8, 4, 32, 16, 8, 0);
        check(3, 4, 16, 1, 64, 16, 8, 0);
    }

    @Test
    void partsOfVectors() {
        check(2, 3, 5, 3, 32, 8, 16, 3);
        check(1, 1, 1, 5, 16, 8, 8, 0);
    }

    @Test
    void channelsThatFillNoTile() {
        check(2, 3, 4, 2, 6, 3, 5, 2);
    }

    private void check(int batch, int height, int width, int masks, int c, int c1, int c2, int gap) {
        Operand image = spread(gap, 1, batch, height * width, c);
        Operand positions = spread(gap, 1, 1, height * width, c);
        Matrix up1 = matrix(4 * c1, c);
        Operand bias1 = input(c1);
        Operand gamma = input(c1);
        Operand beta = input(c1);
        Matrix up2 = matrix(4 * c2, c1);
        Operand bias2 = input(c2);
        Operand high0 = spread(gap, 1, 1, 4 * height, 4 * width, c2);
        Operand high1 = spread(gap, 1, 1, 2 * height, 2 * width, c1);
        Operand filters = spread(gap, 1, batch, masks, c2);
        Operand y = output(gap, batch, masks, 16 * height * width);
        run(b -> {
            MaskUpscaling layers = new MaskUpscaling(
                    new Projection(up1.on(b), bias1.on(b)),
                    new Norm(gamma.on(b), beta.on(b), 1e-6f),
                    new Projection(up2.on(b), bias2.on(b)));
            DenseImages images = new DenseImages(image.on(b), positions.on(b));
            fused(b, new DrawMasks(images, layers, high0.on(b), high1.on(b), filters.on(b), y.on(b)));
        });
        // Three products in a row: the errors of the first are of order 1e-6 after the norm and grow with each.
        assertClose(y, 1e-5 * Math.sqrt(c1) * Math.sqrt(c2), 1e-5, 8 * Math.sqrt(c1 * c2));
    }
}
