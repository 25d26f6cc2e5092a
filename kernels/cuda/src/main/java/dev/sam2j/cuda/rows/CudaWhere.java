package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.ptx.ElementPosition;
import dev.sam2j.cuda.ptx.Elements;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.fused.Where;

/** {@link Where}: a score chooses on the device, so nobody has to wait for it on the host. */
public final class CudaWhere {
    private CudaWhere() {}

    /** Queues the operation. */
    public static void run(CudaDevice device, Where op) {
        DeviceMatrix to = device.matrix(op.destination());
        DeviceMatrix left = device.matrix(op.a(), to.type());
        DeviceMatrix right = device.matrix(op.b(), to.type());
        DeviceMatrix values = device.matrix(op.scores(), DType.F32);
        int width = DeviceMatrix.width(left, right, to);
        device.launch(new Kernel(to.type(), width))
                .matrix("scores", values)
                .integer("entry_rows", to.rows() / values.rows())
                .matrix("a", left)
                .matrix("b", right)
                .integer("b_rows", right.rows())
                .matrix("out", to)
                .overElements(to, width);
    }

    /**
     * {@code out = a} in entries whose score is above 0, {@code b} in the others; b's rows repeat. out may be a or, if
     * no row of it repeats, b.
     */
    public record Kernel(DType type, int width) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "where_" + type.label() + "_w" + width,
                    ElementPosition.THREADS,
                    "out = a where the entry's score is above 0, else b.");
            PtxMatrix scores = PtxMatrix.parameter(w, "scores", DType.F32);
            String entryRows = w.integer("entry_rows");
            PtxMatrix a = PtxMatrix.parameter(w, "a", type);
            PtxMatrix b = PtxMatrix.parameter(w, "b", type);
            String bRows = w.integer("b_rows");
            PtxMatrix y = PtxMatrix.parameter(w, "out", type);
            ElementPosition at = ElementPosition.parameters(w, width);
            String entry = w.i("div.u32", at.row(), entryRows);
            String score = w.f("ld.global.f32", "[" + scores.at(entry, 0) + "]");
            String left = a.at(at.row(), at.column());
            String right = b.at(w.i("rem.u32", at.row(), bRows), at.column());
            String from = w.l("selp.b64", left, right, w.p("setp.gt.f32", score, PtxWriter.constant(0)));
            Elements elements = new Elements(w, type, width);
            elements.store(y.at(at.row(), at.column()), elements.load(from));
            return w.build();
        }
    }
}
