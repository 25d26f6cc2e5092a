package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.ptx.ElementPosition;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.fused.Pick;

/** {@link Pick}: a score chooses on the device, so nobody has to wait for it on the host. */
public final class CudaPick {
    private CudaPick() {}

    /** Queues the operation. */
    public static void run(CudaDevice device, Pick op) {
        DeviceMatrix to = device.matrix(op.destination());
        DeviceMatrix from = device.matrix(op.x(), to.type());
        DeviceMatrix values = device.matrix(op.scores(), DType.F32);
        int width = DeviceMatrix.width(from, to);
        device.launch(new Kernel(to.type(), width))
                .matrix("x", from)
                .integer("x_rows", op.x().dim(1))
                .integer("offset", op.offset())
                .matrix("scores", values)
                .integer("count", values.columns())
                .integer("first", op.first())
                .matrix("out", to)
                .overElements(to, width);
    }

    /**
     * The rows of the best scores: {@code out[b] = x[b * x_rows + offset + m]} with the first m from {@code first} on
     * whose {@code scores[b, m]} is the largest of {@code count}.
     */
    public record Kernel(DType type, int width) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "pick_" + type.label() + "_w" + width,
                    ElementPosition.THREADS,
                    "out = for each entry the row of x of the best score.");
            PtxMatrix x = PtxMatrix.parameter(w, "x", type);
            String xRows = w.integer("x_rows");
            String offset = w.integer("offset");
            PtxMatrix scores = PtxMatrix.parameter(w, "scores", DType.F32);
            String count = w.integer("count");
            String first = w.integer("first");
            PtxMatrix y = PtxMatrix.parameter(w, "out", type);
            ElementPosition at = ElementPosition.parameters(w, width);
            String own = scores.at(at.row(), 0);
            String best = w.i("mov.u32", first);
            String highest = w.f("ld.global.f32", "[" + w.address(own, first, 4) + "]");
            w.loop(w.i("add.s32", first, 1), count, 1, m -> {
                String score = w.f("ld.global.f32", "[" + w.address(own, m, 4) + "]");
                String better = w.p("setp.gt.f32", score, highest);
                w.op("selp.b32", best, m, best, better);
                w.op("selp.f32", highest, score, highest, better);
            });
            String row = w.i("add.s32", w.i("mad.lo.s32", at.row(), xRows, offset), best);
            y.store(at, x.load(row, at));
            return w.build();
        }
    }
}
