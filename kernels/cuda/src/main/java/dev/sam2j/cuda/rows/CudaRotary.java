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
import dev.sam2j.tensor.Tensor;

/** {@link dev.sam2j.tensor.Backend#rotary}. */
public final class CudaRotary {
    private CudaRotary() {}

    /** Queues the operation. */
    public static void run(CudaDevice device, Tensor x, Tensor table, Tensor destination) {
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix from = device.matrix(x, to.type());
        DeviceMatrix angles = device.contiguous(table, DType.F32);
        boolean fours = DeviceMatrix.width(from, angles, to) == 4;
        device.launch(new Kernel(to.type(), fours))
                .matrix("x", from)
                .pointer("table", angles)
                .integer("table_rows", angles.rows())
                .matrix("out", to)
                .overElements(to, fours ? 4 : 2);
    }

    /**
     * {@code (a, b) -> (a cos - b sin, a sin + b cos)} for adjacent columns; the table has {@code cos, sin} pairs. Row
     * r uses table row {@code r mod table_rows}, which is right for several batch entries if N is a multiple of the
     * table's rows. {@code out} may be x.
     *
     * @param fours whether a thread has four columns, for addresses and strides as for width 4, or one pair
     */
    public record Kernel(DType type, boolean fours) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "rotary_" + (fours ? "" : "pairs_") + type.label(),
                    ElementPosition.THREADS,
                    "Rotates adjacent pairs of columns by tabled angles.");
            PtxMatrix x = PtxMatrix.parameter(w, "x", type);
            String table = w.pointer("table");
            String tableRows = w.integer("table_rows");
            PtxMatrix y = PtxMatrix.parameter(w, "out", type);
            String rows = w.integer("rows");
            String columns = w.integer("columns");
            if (fours) {
                fours(w, x, new PtxMatrix(w, DType.F32, table, columns), tableRows, y, rows);
            } else {
                pair(w, x, new PtxMatrix(w, DType.F32, table, columns), tableRows, y, rows);
            }
            return w.build();
        }

        private void fours(PtxWriter w, PtxMatrix x, PtxMatrix table, String tableRows, PtxMatrix y, String rows) {
            ElementPosition at = ElementPosition.of(w, rows, table.stride(), 4);
            String[] v = x.load(at);
            String[] t = table.load(w.i("rem.u32", at.row(), tableRows), at);
            String[] rotated = new String[4];
            for (int i = 0; i < 4; i += 2) {
                String cross = w.f("neg.f32", w.f("mul.f32", v[i + 1], t[i + 1]));
                rotated[i] = w.f("fma.rn.f32", v[i], t[i], cross);
                rotated[i + 1] = w.f("fma.rn.f32", v[i], t[i + 1], w.f("mul.f32", v[i + 1], t[i]));
            }
            y.store(at, rotated);
        }

        private void pair(PtxWriter w, PtxMatrix x, PtxMatrix table, String tableRows, PtxMatrix y, String rows) {
            ElementPosition pair = ElementPosition.of(w, rows, w.i("shr.u32", table.stride(), 1), 1);
            String column = w.i("shl.b32", pair.column(), 1);
            Elements elements = new Elements(w, type, 1);
            Elements angles = new Elements(w, DType.F32, 1);
            String from = x.at(pair.row(), column);
            String a = elements.load(from)[0];
            String b = elements.load(w.l("add.s64", from, type.bytes()))[0];
            String angle = table.at(w.i("rem.u32", pair.row(), tableRows), column);
            String cos = angles.load(angle)[0];
            String sin = angles.load(w.l("add.s64", angle, 4))[0];
            String to = y.at(pair.row(), column);
            String first = w.f("fma.rn.f32", a, cos, w.f("neg.f32", w.f("mul.f32", b, sin)));
            String second = w.f("fma.rn.f32", a, sin, w.f("mul.f32", b, cos));
            elements.store(to, first);
            elements.store(w.l("add.s64", to, type.bytes()), second);
        }
    }
}
