package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.Halves;
import dev.sam2j.cuda.ptx.PtxWriter;
import java.util.Arrays;

/**
 * Softmax over keys that arrive in tiles, for 16 queries of a warp: their largest scores and sums so far. Scores and
 * outputs are accumulators of matrix products, {@code [columns / 8][4]}: lane {@code 4g + t} holds columns {@code 2t}
 * and {@code 2t + 1} of row {@code g}, then of row {@code g + 8}.
 */
final class OnlineSoftmax {
    private static final String NEGATIVE_INFINITY = PtxWriter.constant(Float.NEGATIVE_INFINITY);

    private final PtxWriter w;
    private final AttentionGeometry g;
    private final String lane;
    private final String[] maximum = new String[2];
    private final String[] sum = new String[2];

    OnlineSoftmax(PtxWriter w, AttentionGeometry g, String lane) {
        this.w = w;
        this.g = g;
        this.lane = lane;
    }

    /** Before the first tile. */
    void start() {
        for (int half = 0; half < 2; half++) {
            maximum[half] = w.f("mov.f32", NEGATIVE_INFINITY);
            sum[half] = w.f("mov.f32", PtxWriter.constant(0));
        }
    }

    /** Sets the scores of keys from {@code left} on to minus infinity. */
    void mask(String[][] scores, String left) {
        String limit = w.i("sub.s32", left, w.i("shl.b32", w.i("and.b32", lane, 3), 1));
        for (int group = 0; group < scores.length; group++) {
            for (int odd = 0; odd < 2; odd++) {
                String past = w.p("setp.le.s32", limit, 8 * group + odd);
                String[] fragment = scores[group];
                w.op("selp.f32", fragment[odd], NEGATIVE_INFINITY, fragment[odd], past);
                w.op("selp.f32", fragment[odd + 2], NEGATIVE_INFINITY, fragment[odd + 2], past);
            }
        }
    }

    /** Turns scores into probabilities relative to the new row maxima and rescales sums and output. */
    void update(String[][] scores, String[][] output) {
        String[] factors = new String[2];
        for (int half = 0; half < 2; half++) {
            factors[half] = weigh(scores, half);
        }
        for (String[] fragment : output) {
            for (int i = 0; i < 4; i++) {
                w.op("mul.f32", fragment[i], fragment[i], factors[i / 2]);
            }
        }
    }

    private String weigh(String[][] scores, int half) {
        // two chains each, because an instruction's result is ready only cycles later
        String[] best = {w.f("mov.f32", maximum[half]), w.f("mov.f32", maximum[half])};
        for (String[] fragment : scores) {
            for (int i = 0; i < 2; i++) {
                w.op("max.f32", best[i], best[i], fragment[2 * half + i]);
            }
        }
        w.op("max.f32", best[0], best[0], best[1]);
        reduceQuad(best[0], "max.f32");
        String factor = w.f("ex2.approx.ftz.f32", w.f("mul.f32", w.f("sub.f32", maximum[half], best[0]), g.scaleLog2));
        w.op("mov.f32", maximum[half], best[0]);
        String offset = w.f("neg.f32", w.f("mul.f32", best[0], g.scaleLog2));
        w.op("mul.f32", sum[half], sum[half], factor);
        String[] totals = {sum[half], w.f("mov.f32", PtxWriter.constant(0))};
        for (String[] fragment : scores) {
            for (int i = 0; i < 2; i++) {
                String score = fragment[2 * half + i];
                w.op("fma.rn.f32", score, score, g.scaleLog2, offset);
                w.op("ex2.approx.ftz.f32", score, score);
                w.op("add.f32", totals[i], totals[i], score);
            }
        }
        w.op("add.f32", sum[half], totals[0], totals[1]);
        return factor;
    }

    /** The probabilities of 16 keys as the left operand of a product: the layout of the accumulators fits. */
    String[] probabilities(String[][] scores, int step) {
        String[] a = new String[4];
        for (int i = 0; i < 4; i++) {
            String[] fragment = scores[2 * step + i / 2];
            a[i] = Halves.pack(w, g.type, fragment[i % 2 * 2 + 1], fragment[i % 2 * 2]);
        }
        return a;
    }

    /** The probabilities of all keys of a tile, 16 by 16. */
    String[][] probabilities(String[][] scores) {
        String[][] all = new String[scores.length / 2][];
        Arrays.setAll(all, step -> probabilities(scores, step));
        return all;
    }

    private void reduceQuad(String value, String opcode) {
        for (int distance = 1; distance <= 2; distance *= 2) {
            w.op(opcode, value, value, w.f("shfl.sync.bfly.b32", value, distance, "0x1f", PtxWriter.ALL_LANES));
        }
    }

    /**
     * Divides by the sums and stores the rows that exist, or with split keys the logarithms of the sums too.
     *
     * @param first number of the lane's first query
     */
    void finish(String[][] output, String first, boolean split) {
        String column = w.i("shl.b32", w.i("and.b32", lane, 3), 1);
        for (int half = 0; half < 2; half++) {
            reduceQuad(sum[half], "add.f32");
            String factor = w.f("rcp.rn.f32", sum[half]);
            AttentionGeometry.Row row = g.queryRow(w.i("add.s32", first, 8 * half));
            String end = w.label();
            w.jumpUnless(row.exists(), end);
            String at = split ? storeExponent(row, column, half, 8 * output.length) : g.out.at(row.index(), column);
            for (int i = 0; i < output.length; i++) {
                String low = w.f("mul.f32", output[i][2 * half], factor);
                String high = w.f("mul.f32", output[i][2 * half + 1], factor);
                if (split) {
                    w.op("st.global.v2.f32", "[" + at + "+" + i * 32 + "]", "{" + low + ", " + high + "}");
                } else {
                    w.op("st.global.b32", "[" + at + "+" + i * 16 + "]", Halves.pack(w, g.type, high, low));
                }
            }
            w.place(end);
        }
    }

    /** Stores the logarithm of a sum and returns where the partial row starts for this lane. */
    private String storeExponent(AttentionGeometry.Row row, String column, int half, int valueDim) {
        String heads = w.i("mov.u32", "%nctaid.y");
        String index = w.i("add.s32", g.partialRow, row.index());
        String exponent = w.f("fma.rn.f32", maximum[half], g.scaleLog2, w.f("lg2.approx.f32", sum[half]));
        String at = w.address(g.exponents, index, heads, g.head, 4);
        w.when(w.p("setp.eq.s32", column, 0), () -> w.op("st.global.f32", "[" + at + "]", exponent));
        String columns = w.i("mul.lo.s32", heads, valueDim);
        return w.address(g.out.base(), index, columns, w.i("mad.lo.s32", g.head, valueDim, column), 4);
    }
}
