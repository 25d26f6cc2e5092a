package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.ptx.Activations;
import dev.sam2j.cuda.ptx.ElementPosition;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Tensor;

/** {@link dev.sam2j.tensor.Backend#unary}. */
public final class CudaUnary {
    private CudaUnary() {}

    /** Queues the operation. */
    public static void run(
            CudaDevice device, Tensor x, float scale, float shift, Activation activation, Tensor destination) {
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix from = device.matrix(x, to.type());
        int width = DeviceMatrix.width(from, to);
        device.launch(new Kernel(to.type(), width))
                .matrix("x", from)
                .real("scale", scale)
                .real("shift", shift)
                .matrix("out", to)
                .integer("activation", Activations.code(activation))
                .overElements(to, width);
    }

    /** {@code out = activation(scale x + shift)}. {@code out} may be x. */
    public record Kernel(DType type, int width) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "unary_" + type.label() + "_w" + width,
                    ElementPosition.THREADS,
                    "out = activation(scale x + shift).");
            PtxMatrix x = PtxMatrix.parameter(w, "x", type);
            String scale = w.real("scale");
            String shift = w.real("shift");
            PtxMatrix y = PtxMatrix.parameter(w, "out", type);
            String rows = w.integer("rows");
            String columns = w.integer("columns");
            String activation = w.integer("activation");
            ElementPosition at = ElementPosition.of(w, rows, columns, width);
            String[] values = x.load(at);
            for (int i = 0; i < width; i++) {
                values[i] = w.f("fma.rn.f32", scale, values[i], shift);
            }
            Activations.apply(w, activation, values);
            y.store(at, values);
            return w.build();
        }
    }
}
