package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.Elements;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;

/**
 * Joins the partial results of attention over split keys: {@code sum_s 2^(e_s - max e) o_s / sum_s 2^(e_s - max e)},
 * float32 arithmetic, four adjacent columns per thread. Partial results are float32 (splits, rows, heads * valueDim),
 * exponents float32 (splits, rows, heads) with rows of all batch entries and valueDim a multiple of 4; the grid is over
 * {@code rows * heads * valueDim / 4} items.
 *
 * @param out type of the result
 */
record AttentionCombineKernel(DType out) implements PtxSource {
    private static final int THREADS = 128;

    @Override
    public PtxKernel write() {
        PtxWriter w = new PtxWriter(
                "attention_combine_" + out.label(), THREADS, "Joins partial attention results by their sums.");
        String partial = w.pointer("partial");
        String exponents = w.pointer("exponents");
        String splits = w.integer("splits");
        String rows = w.integer("rows");
        String heads = w.integer("heads");
        String valueDim = w.integer("value_dim");
        PtxMatrix y = PtxMatrix.parameter(w, "out", out);
        String columns = w.i("mul.lo.s32", heads, valueDim);
        String perRow = w.i("shr.u32", columns, 2);
        String index = w.globalThread();
        w.exitFrom(index, w.i("mul.lo.s32", rows, perRow));
        String row = w.i("div.u32", index, perRow);
        String column = w.i("shl.b32", w.i("sub.s32", index, w.i("mul.lo.s32", row, perRow)), 2);
        String exponentAt = w.address(exponents, row, heads, w.i("div.u32", column, valueDim), 4);
        String exponentStep = w.l("mul.wide.u32", w.i("mul.lo.s32", rows, heads), 4);
        String best = w.f("mov.f32", PtxWriter.constant(Float.NEGATIVE_INFINITY));
        String at = w.l("mov.b64", exponentAt);
        w.loop(0, splits, 1, split -> {
            w.op("max.f32", best, best, w.f("ld.global.f32", "[" + at + "]"));
            w.op("add.s64", at, at, exponentStep);
        });
        String partialAt = w.address(partial, row, columns, column, 4);
        String partialStep = w.l("mul.lo.s64", w.l("mul.wide.u32", rows, columns), 4);
        String total = w.f("mov.f32", PtxWriter.constant(0));
        String[] sums = w.zeros(4);
        w.op("mov.b64", at, exponentAt);
        Elements vector = new Elements(w, DType.F32, 4);
        w.loop(0, splits, 1, split -> {
            String weight = w.f("ex2.approx.f32", w.f("sub.f32", w.f("ld.global.f32", "[" + at + "]"), best));
            w.op("add.f32", total, total, weight);
            String[] values = vector.load(partialAt);
            for (int i = 0; i < 4; i++) {
                w.op("fma.rn.f32", sums[i], weight, values[i], sums[i]);
            }
            w.op("add.s64", at, at, exponentStep);
            w.op("add.s64", partialAt, partialAt, partialStep);
        });
        String factor = w.f("rcp.rn.f32", total);
        for (int i = 0; i < 4; i++) {
            w.op("mul.f32", sums[i], sums[i], factor);
        }
        y.store(row, column, sums);
        return w.build();
    }
}
