package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.ptx.ElementPosition;
import dev.sam2j.cuda.ptx.Halves;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Tensor;

/** {@link dev.sam2j.tensor.Backend#roundToBf16}. */
public final class CudaRoundToBf16 {
    private CudaRoundToBf16() {}

    /** Queues the operation. */
    public static void run(CudaDevice device, Tensor x, Tensor destination) {
        DeviceMatrix from = device.matrix(x);
        DeviceMatrix to = device.matrix(destination);
        if (from.type() == DType.BF16 || to.type() == DType.BF16) {
            if (!from.equals(to)) {
                device.copy(from, to); // one of them can only hold rounded values
            }
            return;
        }
        int width = DeviceMatrix.width(from, to);
        device.launch(new Kernel(from.type(), to.type(), width))
                .matrix("x", from)
                .matrix("out", to)
                .overElements(to, width);
    }

    /**
     * Rounds to bfloat16, nearest even, stored in types that hold more. {@code out} may be x if it has its type.
     */
    public record Kernel(DType in, DType out, int width) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "round_to_bf16_" + in.label() + "_" + out.label() + "_w" + width,
                    ElementPosition.THREADS,
                    "out = x rounded to bfloat16.");
            PtxMatrix x = PtxMatrix.parameter(w, "x", in);
            PtxMatrix y = PtxMatrix.parameter(w, "out", out);
            ElementPosition at = ElementPosition.parameters(w, width);
            String[] values = x.load(at);
            for (int i = 0; i < width; i++) {
                String rounded = Halves.pack(w, DType.BF16, PtxWriter.constant(0), values[i]);
                values[i] = Halves.low(w, DType.BF16, rounded);
            }
            y.store(at, values);
            return w.build();
        }
    }
}
