package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.ptx.Elements;
import dev.sam2j.cuda.ptx.ElementwiseKernels;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;

/**
 * Choices that a score makes on the device, so that nobody has to wait for it on the host. One thread moves 1 or 4
 * adjacent elements.
 */
public final class SelectKernels {
    private static final int THREADS = 256;

    private SelectKernels() {}

    /**
     * The rows of the best scores: {@code out[b] = x[b * x_rows + offset + m]} with the first m from {@code first} on
     * whose {@code scores[b, m]} is the largest. Parameters: x, x stride, x rows (of an entry), offset, scores
     * (float32), scores stride, count (scores of an entry), first, out, out stride, rows, columns.
     */
    public static PtxKernel pick(DType type, int width) {
        PtxWriter w = new PtxWriter(
                "pick_" + type.label() + "_w" + width, THREADS, "out = for each entry the row of x of the best score.");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String xRows = w.integer("x_rows");
        String offset = w.integer("offset");
        String scores = w.pointer("scores");
        String scoresStride = w.integer("scores_stride");
        String count = w.integer("count");
        String first = w.integer("first");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        ElementwiseKernels.Position at = ElementwiseKernels.position(w, rows, columns, width);
        String own = w.address(scores, at.row(), scoresStride, 0, 4);
        String best = w.i("mov.u32", first);
        String highest = w.f("ld.global.f32", "[" + w.address(own, first, 4) + "]");
        w.loop(w.i("add.s32", first, 1), count, 1, m -> {
            String score = w.f("ld.global.f32", "[" + w.address(own, m, 4) + "]");
            String better = w.p("setp.gt.f32", score, highest);
            w.op("selp.b32", best, m, best, better);
            w.op("selp.f32", highest, score, highest, better);
        });
        String row = w.i("add.s32", w.i("mad.lo.s32", at.row(), xRows, offset), best);
        Elements elements = new Elements(w, type, width);
        String[] values = elements.load(w.address(x, row, xStride, at.column(), type.bytes()));
        elements.store(w.address(y, at.row(), yStride, at.column(), type.bytes()), values);
        return w.build();
    }

    /**
     * {@code out = a} in entries whose score is above 0, {@code b} in the others; b's rows repeat. Parameters: scores
     * (float32), scores stride, entry rows, a, a stride, b, b stride, b rows, out, out stride, rows, columns. out may
     * be a or, if no row of it repeats, b.
     */
    public static PtxKernel where(DType type, int width) {
        PtxWriter w = new PtxWriter(
                "where_" + type.label() + "_w" + width, THREADS, "out = a where the entry's score is above 0, else b.");
        String scores = w.pointer("scores");
        String scoresStride = w.integer("scores_stride");
        String entryRows = w.integer("entry_rows");
        String a = w.pointer("a");
        String aStride = w.integer("a_stride");
        String b = w.pointer("b");
        String bStride = w.integer("b_stride");
        String bRows = w.integer("b_rows");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        ElementwiseKernels.Position at = ElementwiseKernels.position(w, rows, columns, width);
        String entry = w.i("div.u32", at.row(), entryRows);
        String score = w.f("ld.global.f32", "[" + w.address(scores, entry, scoresStride, 0, 4) + "]");
        String left = w.address(a, at.row(), aStride, at.column(), type.bytes());
        String right = w.address(b, w.i("rem.u32", at.row(), bRows), bStride, at.column(), type.bytes());
        String from = w.l("selp.b64", left, right, w.p("setp.gt.f32", score, PtxWriter.constant(0)));
        Elements elements = new Elements(w, type, width);
        elements.store(w.address(y, at.row(), yStride, at.column(), type.bytes()), elements.load(from));
        return w.build();
    }
}
