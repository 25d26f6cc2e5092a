package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.ptx.KernelRunner;
import dev.sam2j.cuda.ptx.Matrix;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.host.HoleFilling;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HoleKernelsTest {
    private final Random random = new Random(11);

    @ParameterizedTest
    @CsvSource({"2,33,47,0", "1,64,64,-0.5", "3,5,32,0.5", "1,1,300,0.2", "2,40,1,0", "1,20,100,-3", "1,20,100,3"})
    void fillsComponents(int batch, int height, int width, double bias) {
        for (int maxArea : new int[] {1, 8, 100}) {
            int pixels = batch * height * width;
            Matrix logits = Matrix.empty(1, pixels, pixels, DType.F32);
            float[] expected = new float[pixels];
            for (int i = 0; i < pixels; i++) {
                expected[i] = random.nextInt(20) == 0 ? 0 : (float) (random.nextGaussian() + bias);
                logits.set(0, i, expected[i]);
            }
            for (int entry = 0; entry < batch; entry++) {
                HoleFilling.run(expected, entry * height * width, height, width, maxArea, 0.1f);
            }
            fill(logits, height, width, maxArea);
            logits.check("area " + maxArea, 0, (r, c) -> expected[c]);
        }
    }

    private static void fill(Matrix logits, int height, int width, int maxArea) {
        int pixels = logits.columns();
        KernelRunner runner = new KernelRunner();
        long maps = runner.out("logits", logits);
        long labels = runner.out("labels", Matrix.empty(1, pixels, pixels, DType.F32));
        long areas = runner.out("areas", Matrix.empty(1, pixels, pixels, DType.F32));
        PtxKernel label = CudaFillHoles.Kernel.LABEL.write();
        runner.launch(label, label.gridOver(pixels), maps, labels, areas, width, pixels);
        PtxKernel merge = CudaFillHoles.Kernel.MERGE.write();
        runner.launch(merge, merge.gridOver(pixels), maps, labels, height, width, pixels);
        PtxKernel count = CudaFillHoles.Kernel.COUNT.write();
        runner.launch(count, count.gridOver(pixels), maps, labels, areas, width, pixels, maxArea);
        PtxKernel apply = CudaFillHoles.Kernel.APPLY.write();
        runner.launch(apply, apply.gridOver(pixels), maps, labels, areas, pixels, maxArea, 0.1f);
    }
}
