package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.ResizeFilter;
import org.junit.jupiter.api.Test;

class ImageToTensorTest extends BackendContract {
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};

    @Test
    void cubicIsExactToTheBit() {
        check(ResizeFilter.BICUBIC_8BIT, 37, 53, 40, 40, 0, 0);
        check(ResizeFilter.BICUBIC_8BIT, 150, 97, 67, 23, 2, 0);
        check(ResizeFilter.BICUBIC_8BIT, 31, 20, 31, 45, 0, 0);
        check(ResizeFilter.BICUBIC_8BIT, 31, 20, 45, 20, 0, 0);
        check(ResizeFilter.BICUBIC_8BIT, 1, 1, 5, 3, 0, 0);
        check(ResizeFilter.BICUBIC_8BIT, 16, 16, 16, 16, 0, 0);
    }

    @Test
    void triangle() {
        // Sums of weights times values below 1 in float32, then a division by 0.224.
        check(ResizeFilter.BILINEAR_FLOAT, 37, 53, 40, 40, 0, 3e-6);
        check(ResizeFilter.BILINEAR_FLOAT, 150, 97, 67, 23, 2, 3e-6);
        check(ResizeFilter.BILINEAR_FLOAT, 300, 7, 11, 31, 0, 3e-6);
        check(ResizeFilter.BILINEAR_FLOAT, 1, 1, 5, 3, 0, 3e-6);
        check(ResizeFilter.BILINEAR_FLOAT, 16, 16, 16, 16, 0, 0);
    }

    private void check(ResizeFilter filter, int height, int width, int outHeight, int outWidth, int gap, double bound) {
        byte[] rgb = new byte[height * width * 3];
        random().nextBytes(rgb);
        for (int i = 0; i < rgb.length; i += 2) {
            rgb[i] = (byte) (random().nextBoolean() ? 255 : 0);
        }
        Operand y = output(gap, 1, outHeight, outWidth, 3);
        run(b -> b.imageToTensor(rgb, height, width, filter, MEAN, STD, y.on(b)));
        assertClose(y, bound, 0, 1);
    }
}
