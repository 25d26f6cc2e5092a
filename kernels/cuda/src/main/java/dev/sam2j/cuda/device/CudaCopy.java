package dev.sam2j.cuda.device;

import dev.sam2j.cuda.ptx.ElementPosition;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;

/**
 * {@link dev.sam2j.tensor.Backend#copy}, which also converts operands for other operations. Rows repeat if the source
 * has fewer than the destination.
 */
public final class CudaCopy {
    private CudaCopy() {}

    static void run(CudaDevice device, DeviceMatrix source, DeviceMatrix destination) {
        boolean plain = source.type() == destination.type() && source.rows() == destination.rows();
        if (plain && source.contiguous() && destination.contiguous()) {
            long bytes = (long) source.rows() * source.columns() * source.type().bytes();
            device.driver().copyOnDevice(source.address(), destination.address(), bytes);
            return;
        }
        int width = DeviceMatrix.width(source, destination);
        device.launch(new Kernel(source.type(), destination.type(), width))
                .matrix("x", source)
                .integer("x_rows", source.rows())
                .matrix("out", destination)
                .overElements(destination, width);
    }

    /** Copies values, row r from source row {@code r mod x_rows}, converting between types. */
    public record Kernel(DType in, DType out, int width) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "copy_" + in.label() + "_" + out.label() + "_w" + width,
                    ElementPosition.THREADS,
                    "out = x in another type or layout, x's rows repeat.");
            PtxMatrix x = PtxMatrix.parameter(w, "x", in);
            String xRows = w.integer("x_rows");
            PtxMatrix y = PtxMatrix.parameter(w, "out", out);
            ElementPosition at = ElementPosition.parameters(w, width);
            String[] values = x.load(w.i("rem.u32", at.row(), xRows), at);
            y.store(at, values);
            return w.build();
        }
    }
}
