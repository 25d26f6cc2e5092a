package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.Halves;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.AttentionSpec;
import java.util.Arrays;

/**
 * Fused attention on the tensor cores: {@code softmax(scale q kᵀ) v} with online softmax; scores, sums and output
 * accumulate in float32, probabilities are rounded to halves before they meet the values. Keys and values stream
 * through two shared memory buffers by {@code cp.async}, one block barrier per tile. Rows in shared memory are an odd
 * number of 16-byte chunks apart, so {@code ldmatrix} has no bank conflicts; head dimensions are padded with zeros to
 * multiples of 16.
 *
 * <p>Rows of q, k and v must start at multiples of 16 bytes, those of the output at multiples of 4; the scale must be
 * positive.
 */
public final class FlashAttentionKernel {
    private static final int CHUNK = 16;

    private final FlashAttentionConfig config;
    private final PtxWriter w;
    private final AttentionGeometry g;
    private final int keyPitch;
    private final int valuePitch;
    private final String thread;
    private final String lane;
    private final String[][][] scores;
    private final String[][][] output;
    private final OnlineSoftmax[] softmax;
    private final String[][][] queryFragments;
    private String queryLanes;

    FlashAttentionKernel(FlashAttentionConfig config) {
        this.config = config;
        keyPitch = pitch(config.paddedKeyDim());
        valuePitch = pitch(config.valueDim());
        w = new PtxWriter(
                config.entry(),
                config.warps() * PtxWriter.WARP,
                "softmax(scale q k^T) v, " + config.type().label() + ", head dimensions " + config.keyDim() + " and "
                        + config.valueDim() + ", " + config.blockQueries() + " queries per block, " + config.keyTile()
                        + " keys per step.");
        g = new AttentionGeometry(
                w,
                config.type(),
                config.keyDim(),
                config.valueDim(),
                config.blockQueries(),
                config.windowed(),
                config.split());
        thread = w.i("mov.u32", "%tid.x");
        lane = w.i("and.b32", thread, 31);
        scores = new String[config.rowTiles()][][];
        output = new String[config.rowTiles()][config.valueDim() / 8][];
        softmax = new OnlineSoftmax[config.rowTiles()];
        Arrays.setAll(softmax, tile -> new OnlineSoftmax(w, g, lane));
        queryFragments = new String[config.paddedKeyDim() / 16][config.rowTiles()][4];
    }

    /** Grid for queries without windows: blocks of queries, heads, batch entries times splits. */
    static PtxKernel.Grid grid(int blockQueries, AttentionShape shape, int splits) {
        return new PtxKernel.Grid(
                (shape.queries() + blockQueries - 1) / blockQueries, shape.heads(), shape.batch() * splits);
    }

    /** Grid for queries in windows. */
    static PtxKernel.Grid windowGrid(int blockQueries, AttentionSpec.Windows on, int heads, int batch) {
        int size = on.size();
        int windows = ((on.height() + size - 1) / size) * ((on.width() + size - 1) / size);
        int queries = (size / on.queryStride()) * (size / on.queryStride());
        return new PtxKernel.Grid(windows * ((queries + blockQueries - 1) / blockQueries), heads, batch);
    }

    private static int pitch(int columns) {
        return (columns / 8 | 1) * CHUNK;
    }

    /**
     * The kernel. Parameters: q, row stride, batch stride, k, row stride, batch stride (0 if all entries share the
     * keys), v, row stride, batch stride, out, row stride, batch stride, scale * log2(e); then the numbers of queries
     * and keys, or with windows the height and width of the key grid, window size (at most 32), query stride, padding
     * key and padding value (one row each, 0 where no window reaches over the grid). With split keys: number of splits,
     * keys per split (every split needs one), exponents; out is then float32 (splits, batch, queries, heads *
     * valueDim), its strides are not used, and exponents is float32 (splits, batch, queries, heads), the base-2
     * logarithm of each sum.
     */
    PtxKernel write() {
        int queryBytes = config.blockQueries() * keyPitch;
        int keyBytes = config.keyTile() * keyPitch;
        int valueBytes = config.keyTile() * valuePitch;
        String queryTile = w.shared(queryBytes + 2 * keyBytes + 2 * valueBytes);
        String keyTile = w.i("add.s32", queryTile, queryBytes);
        String valueTile = w.i("add.s32", queryTile, queryBytes + 2 * keyBytes);
        String keySum = w.i("add.s32", w.i("add.s32", keyTile, keyTile), keyBytes);
        String valueSum = w.i("add.s32", w.i("add.s32", valueTile, valueTile), valueBytes);
        clearPadding(queryTile, config.blockQueries() + 2 * config.keyTile());

        TileCopy queryRows = copies(config.keyDim(), config.blockQueries(), keyPitch);
        queryRows.copy(queryTile, g::querySource);
        TileCopy keyRows = copies(config.keyDim(), config.keyTile(), keyPitch);
        TileCopy valueRows = copies(config.valueDim(), config.keyTile(), valuePitch);
        String current = w.i("mov.u32", g.firstKey);
        loadKeys(keyRows, valueRows, keyTile, valueTile, current);
        start(queryTile);

        String loop = w.label();
        String last = w.label();
        w.place(loop);
        w.op("cp.async.wait_group", 0);
        w.op("bar.sync", 0);
        String next = w.i("add.s32", current, config.keyTile());
        w.jumpIf(w.p("setp.ge.s32", next, g.endKey), last);
        w.comment("the next tile goes to the buffers that all warps have left before the barrier");
        loadKeys(keyRows, valueRows, w.i("sub.s32", keySum, keyTile), w.i("sub.s32", valueSum, valueTile), next);
        w.place(last);
        scores(keyTile);
        mask(current);
        w.comment("online softmax: a row lives in the four lanes of a quad");
        for (int tile = 0; tile < config.rowTiles(); tile++) {
            softmax[tile].update(scores[tile], output[tile]);
        }
        values(valueTile);
        w.op("sub.s32", keyTile, keySum, keyTile);
        w.op("sub.s32", valueTile, valueSum, valueTile);
        w.op("mov.u32", current, next);
        w.jumpIf(w.p("setp.lt.s32", current, g.endKey), loop);
        finish();
        return w.build();
    }

    /** Zeroes the chunk between the head dimension and its padding in all rows of the query and key tiles. */
    private void clearPadding(String firstTile, int rows) {
        if (config.paddedKeyDim() == config.keyDim()) {
            return;
        }
        w.loop(thread, rows, config.warps() * PtxWriter.WARP, row -> {
            String at = w.i("mad.lo.s32", row, keyPitch, firstTile);
            w.op("st.shared.v4.b32", "[" + at + "+" + config.keyDim() * 2 + "]", "{0, 0, 0, 0}");
        });
    }

    private TileCopy copies(int columns, int rows, int pitch) {
        return new TileCopy(w, thread, config.warps() * PtxWriter.WARP, columns, rows, pitch);
    }

    private void loadKeys(TileCopy keyRows, TileCopy valueRows, String keyTile, String valueTile, String first) {
        keyRows.copy(keyTile, row -> g.keySource(w.i("add.s32", first, row)));
        valueRows.copy(valueTile, row -> g.valueSource(w.i("add.s32", first, row)));
        w.bare("cp.async.commit_group");
    }

    /** Clears the accumulators and, if they stay in registers, loads the query fragments. */
    private void start(String queryTile) {
        String warp = w.i("shr.u32", thread, 5);
        String row = w.i("mad.lo.s32", warp, 16 * config.rowTiles(), w.i("and.b32", lane, 15));
        String half = w.i("and.b32", lane, 16); // lanes 16-31 address the right 16 bytes
        queryLanes = w.i("add.s32", w.i("mad.lo.s32", row, keyPitch, queryTile), half);
        if (config.queriesInRegisters()) {
            w.op("cp.async.wait_group", 0);
            w.op("bar.sync", 0);
            for (int step = 0; step < queryFragments.length; step++) {
                queryFragments[step] = loadQueries(step);
            }
        }
        for (int tile = 0; tile < config.rowTiles(); tile++) {
            softmax[tile].start();
            Arrays.setAll(output[tile], i -> w.zeros(4));
            scores[tile] = w.fragments(config.keyTile());
        }
    }

    private String[][] loadQueries(int step) {
        String[][] fragments = new String[config.rowTiles()][];
        for (int tile = 0; tile < config.rowTiles(); tile++) {
            fragments[tile] = loadMatrix(queryLanes, tile * 16 * keyPitch + step * 32, 4, "");
        }
        return fragments;
    }

    private String[] loadMatrix(String address, int offset, int count, String transposed) {
        String[] registers = w.fresh('i', count);
        w.op(
                "ldmatrix.sync.aligned.m8n8.x" + count + transposed + ".shared.b16",
                PtxWriter.list(registers),
                "[" + address + "+" + offset + "]");
        return registers;
    }

    private void multiply(String[] d, String[] a, String b0, String b1, String[] c) {
        w.op(
                "mma.sync.aligned.m16n8k16.row.col." + Halves.product(config.type()) + ".f32",
                PtxWriter.list(d),
                PtxWriter.list(a),
                PtxWriter.list(b0, b1),
                PtxWriter.list(c));
    }

    /** scores (16 rowTiles, keyTile) = q kᵀ: a fragment of 16 keys serves all row tiles. */
    private void scores(String keyTile) {
        w.comment("scores");
        String row = w.i("and.b32", lane, 7);
        String upper = w.i("shr.u32", w.i("and.b32", lane, 16), 1); // lanes 16-31: keys 8-15
        String right = w.i("shl.b32", w.i("and.b32", lane, 8), 1); // lanes 8-15 and 24-31: the right 16 bytes
        String keyLanes = w.i("add.s32", w.i("mad.lo.s32", w.i("add.s32", row, upper), keyPitch, keyTile), right);
        String zero = w.f("mov.f32", PtxWriter.constant(0));
        String[] zeros = {zero, zero, zero, zero};
        for (int step = 0; step < queryFragments.length; step++) {
            String[][] a = config.queriesInRegisters() ? queryFragments[step] : loadQueries(step);
            for (int pair = 0; pair < config.keyTile() / 16; pair++) {
                String[] b = loadMatrix(keyLanes, pair * 16 * keyPitch + step * 32, 4, "");
                for (int tile = 0; tile < config.rowTiles(); tile++) {
                    String[] left = scores[tile][2 * pair];
                    String[] rightScores = scores[tile][2 * pair + 1];
                    multiply(left, a[tile], b[0], b[1], step == 0 ? zeros : left);
                    multiply(rightScores, a[tile], b[2], b[3], step == 0 ? zeros : rightScores);
                }
            }
        }
    }

    /** Sets the scores of keys past the end to minus infinity; only the last tile has any. */
    private void mask(String current) {
        String skip = w.label();
        String left = w.i("sub.s32", g.endKey, current);
        w.jumpIf(w.p("setp.ge.s32", left, config.keyTile()), skip);
        for (int tile = 0; tile < config.rowTiles(); tile++) {
            softmax[tile].mask(scores[tile], left);
        }
        w.place(skip);
    }

    /** output += probabilities v; the accumulator layout of the scores is the operand layout of the next product. */
    private void values(String valueTile) {
        w.comment("values");
        String row = w.i("and.b32", lane, 15);
        String right = w.i("and.b32", lane, 16);
        String valueLanes = w.i("add.s32", w.i("mad.lo.s32", row, valuePitch, valueTile), right);
        for (int pair = 0; pair < config.keyTile() / 16; pair++) {
            String[][] a = new String[config.rowTiles()][];
            for (int tile = 0; tile < config.rowTiles(); tile++) {
                a[tile] = softmax[tile].probabilities(scores[tile], pair);
            }
            for (int column = 0; column < config.valueDim(); column += 16) {
                int count = config.valueDim() - column >= 16 ? 4 : 2;
                String[] b = loadMatrix(valueLanes, pair * 16 * valuePitch + column * 2, count, ".trans");
                for (int tile = 0; tile < config.rowTiles(); tile++) {
                    for (int i = 0; i < count; i += 2) {
                        String[] d = output[tile][column / 8 + i / 2];
                        multiply(d, a[tile], b[i], b[i + 1], d);
                    }
                }
            }
        }
    }

    private void finish() {
        String warp = w.i("shr.u32", thread, 5);
        String group = w.i("shr.u32", lane, 2);
        String first = w.i("mad.lo.s32", warp, 16 * config.rowTiles(), w.i("add.s32", group, g.firstQuery));
        for (int tile = 0; tile < config.rowTiles(); tile++) {
            softmax[tile].finish(output[tile], w.i("add.s32", first, 16 * tile), config.split());
        }
    }
}
