package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.ptx.ElementPosition;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Tensor;

/** {@link dev.sam2j.tensor.Backend#add}. */
public final class CudaAdd {
    private CudaAdd() {}

    /** Queues the operation. */
    public static void run(CudaDevice device, Tensor a, float alpha, Tensor b, float beta, Tensor destination) {
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix left = device.matrix(a, to.type());
        DeviceMatrix right = device.matrix(b, to.type());
        int width = DeviceMatrix.width(left, right, to);
        device.launch(new Kernel(to.type(), width))
                .matrix("a", left)
                .real("alpha", alpha)
                .matrix("b", right)
                .integer("b_rows", right.rows())
                .real("beta", beta)
                .matrix("out", to)
                .overElements(to, width);
    }

    /**
     * {@code out = alpha a + beta b}, row r reads row {@code r mod b_rows} of b. {@code out} may be a, or b if it has
     * as many rows.
     */
    public record Kernel(DType type, int width) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "add_" + type.label() + "_w" + width,
                    ElementPosition.THREADS,
                    "out = alpha a + beta b, b's rows repeat.");
            PtxMatrix a = PtxMatrix.parameter(w, "a", type);
            String alpha = w.real("alpha");
            PtxMatrix b = PtxMatrix.parameter(w, "b", type);
            String bRows = w.integer("b_rows");
            String beta = w.real("beta");
            PtxMatrix y = PtxMatrix.parameter(w, "out", type);
            ElementPosition at = ElementPosition.parameters(w, width);
            String[] left = a.load(at);
            String[] right = b.load(w.i("rem.u32", at.row(), bRows), at);
            for (int i = 0; i < width; i++) {
                left[i] = w.f("fma.rn.f32", alpha, left[i], w.f("mul.f32", beta, right[i]));
            }
            y.store(at, left);
            return w.build();
        }
    }
}
