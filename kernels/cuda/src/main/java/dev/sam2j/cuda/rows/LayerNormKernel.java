package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.ptx.Activations;
import dev.sam2j.cuda.ptx.Elements;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;

/**
 * Layer normalisation of rows, one warp per row: mean, then squared deviations, then {@code activation((x - mean) /
 * sqrt(var + eps) * gamma + beta)}, all in float32. {@code out} may be {@code x}.
 */
public final class LayerNormKernel {
    private static final int ROWS_PER_BLOCK = 4;

    private LayerNormKernel() {}

    /**
     * The kernel with parameters x, x stride, gamma, beta (float32), eps, out, out stride, rows, columns, activation.
     *
     * @param width 4 if columns, strides and addresses allow accesses of four elements, otherwise 1
     */
    public static PtxKernel of(DType in, DType out, int width) {
        String entry = "layer_norm_" + in.label() + "_" + out.label() + "_w" + width;
        PtxWriter w = new PtxWriter(entry, ROWS_PER_BLOCK * PtxWriter.WARP, """
                Rows of x (rows, columns), normalised with biased variance.
                One warp per row, float32 accumulation; three passes, the later ones served by the L1 cache.""");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String gamma = w.pointer("gamma");
        String beta = w.pointer("beta");
        String eps = w.real("eps");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        String activation = w.integer("activation");
        String thread = w.i("mov.u32", "%tid.x");
        String row = w.i("mad.lo.s32", w.i("mov.u32", "%ctaid.x"), ROWS_PER_BLOCK, w.i("shr.u32", thread, 5));
        String first = w.i("mul.lo.s32", w.i("and.b32", thread, 31), width);
        w.exitFrom(row, rows);
        int step = PtxWriter.WARP * width;
        Elements source = new Elements(w, in, width);
        String xRow = w.address(x, row, xStride, 0, in.bytes());

        String count = w.f("cvt.rn.f32.s32", columns);
        String mean = w.f("mov.f32", PtxWriter.constant(0));
        w.loop(first, columns, step, column -> {
            for (String value : source.load(w.address(xRow, column, in.bytes()))) {
                w.op("add.f32", mean, mean, value);
            }
        });
        w.reduceWarp(mean, "add.f32");
        w.op("div.rn.f32", mean, mean, count);

        String variance = w.f("mov.f32", PtxWriter.constant(0));
        w.loop(first, columns, step, column -> {
            for (String value : source.load(w.address(xRow, column, in.bytes()))) {
                String deviation = w.f("sub.f32", value, mean);
                w.op("fma.rn.f32", variance, deviation, deviation, variance);
            }
        });
        w.reduceWarp(variance, "add.f32");
        w.op("div.rn.f32", variance, variance, count);
        String scale = w.f("rcp.rn.f32", w.f("sqrt.rn.f32", w.f("add.f32", variance, eps)));

        Elements parameters = new Elements(w, DType.F32, width);
        Elements target = new Elements(w, out, width);
        String yRow = w.address(y, row, yStride, 0, out.bytes());
        w.loop(first, columns, step, column -> {
            String[] values = source.load(w.address(xRow, column, in.bytes()));
            String[] factors = parameters.load(w.address(gamma, column, 4));
            String[] shifts = parameters.load(w.address(beta, column, 4));
            for (int i = 0; i < width; i++) {
                String normal = w.f("mul.f32", w.f("sub.f32", values[i], mean), scale);
                values[i] = w.f("fma.rn.f32", normal, factors[i], shifts[i]);
            }
            Activations.apply(w, activation, values);
            target.store(w.address(yRow, column, out.bytes()), values);
        });
        return w.build();
    }

    /** The grid for {@code rows} rows. */
    public static PtxKernel.Grid grid(PtxKernel kernel, int rows) {
        return kernel.gridOver(rows, ROWS_PER_BLOCK);
    }
}
