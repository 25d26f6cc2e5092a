package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;

/**
 * Fused attention in float32, for parity: {@code softmax(scale q kᵀ) v} with online softmax. A block of four warps
 * handles 16 queries of one head; a warp's lanes are 32 keys while scores are computed and 32 value columns while
 * values are summed.
 *
 * <p>Rows of q, k and v must start at multiples of 16 bytes; the scale must be positive.
 */
final class AttentionF32Kernel {
    private static final int WARPS = 4;
    private static final int WARP_QUERIES = 4;
    private static final int KEY_TILE = 32;

    /** Queries that a block handles. */
    static final int BLOCK_QUERIES = WARPS * WARP_QUERIES;

    private final PtxWriter w;
    private final AttentionGeometry g;
    private final int keyDim;
    private final int valueDim;
    private final int keyPitch;
    private final int valuePitch;
    private final String thread;
    private final String lane;
    private final String warp;
    private final String[][] output;
    private final String[] maximum = new String[WARP_QUERIES];
    private final String[] sum = new String[WARP_QUERIES];

    /** A variant; its parameters are those of {@link FlashAttentionKernel} without split keys. */
    record Config(int keyDim, int valueDim, boolean windowed) implements PtxSource {
        @Override
        public PtxKernel write() {
            return new AttentionF32Kernel(keyDim, valueDim, windowed).write();
        }
    }

    private AttentionF32Kernel(int keyDim, int valueDim, boolean windowed) {
        if (keyDim % 8 != 0 || valueDim % 8 != 0) {
            throw new IllegalArgumentException("attention: head dimensions must be multiples of 8");
        }
        this.keyDim = keyDim;
        this.valueDim = valueDim;
        keyPitch = 4 * (keyDim + 4); // 16-byte reads of eight consecutive rows meet different banks
        valuePitch = 4 * ((valueDim + 31) / 32 * 32);
        String entry = "attention_f32_" + keyDim + "_" + valueDim + (windowed ? "_windows" : "");
        w = new PtxWriter(
                entry,
                WARPS * PtxWriter.WARP,
                "softmax(scale q k^T) v, float32, head dimensions " + keyDim + " and " + valueDim + ".");
        g = new AttentionGeometry(w, DType.F32, keyDim, valueDim, BLOCK_QUERIES, windowed, false);
        thread = w.i("mov.u32", "%tid.x");
        lane = w.i("and.b32", thread, 31);
        warp = w.i("shr.u32", thread, 5);
        output = new String[WARP_QUERIES][valuePitch / 128];
    }

    private PtxKernel write() {
        int queryBytes = BLOCK_QUERIES * keyPitch;
        int keyBytes = KEY_TILE * keyPitch;
        int valueBytes = KEY_TILE * valuePitch;
        String queryTile = w.shared(queryBytes + keyBytes + valueBytes + BLOCK_QUERIES * KEY_TILE * 4);
        String keyTile = w.i("add.s32", queryTile, queryBytes);
        String valueTile = w.i("add.s32", keyTile, keyBytes);
        String allProbabilities = w.i("add.s32", valueTile, valueBytes);
        String probabilities = w.i("mad.lo.s32", warp, WARP_QUERIES * KEY_TILE * 4, allProbabilities);
        load(queryTile, BLOCK_QUERIES, keyDim, keyPitch, g::querySource);
        for (int query = 0; query < WARP_QUERIES; query++) {
            maximum[query] = w.f("mov.f32", PtxWriter.constant(Float.NEGATIVE_INFINITY));
            sum[query] = w.f("mov.f32", PtxWriter.constant(0));
            output[query] = w.zeros(output[query].length);
        }
        String queries = w.i("mad.lo.s32", warp, WARP_QUERIES * keyPitch, queryTile);
        w.loop(0, g.keys, KEY_TILE, first -> {
            w.op("bar.sync", 0);
            load(keyTile, KEY_TILE, keyDim, keyPitch, row -> g.keySource(w.i("add.s32", first, row)));
            load(valueTile, KEY_TILE, valueDim, valuePitch, row -> g.valueSource(w.i("add.s32", first, row)));
            w.op("bar.sync", 0);
            softmax(scores(queries, keyTile), w.p("setp.lt.s32", w.i("add.s32", first, lane), g.keys), probabilities);
            values(probabilities, valueTile);
        });
        finish();
        return w.build();
    }

    /** Copies a tile to shared memory, four elements per step; columns up to the pitch become zero. */
    private void load(String tile, int rows, int columns, int pitch, TileCopy.SourceOf sources) {
        int chunks = (pitch == keyPitch ? columns : pitch / 4) / 4;
        w.loop(thread, rows * chunks, WARPS * PtxWriter.WARP, index -> {
            String row = w.i("div.u32", index, chunks);
            String chunk = w.i("sub.s32", index, w.i("mul.lo.s32", row, chunks));
            TileCopy.Source source = sources.find(row);
            String exists = w.p("and.pred", source.exists(), w.p("setp.lt.s32", chunk, columns / 4));
            String from = w.address(source.address(), chunk, 16);
            String vector = PtxWriter.list(w.zeros(4));
            w.when(exists, () -> w.op("ld.global.v4.f32", vector, "[" + from + "]"));
            String to = w.i("add.s32", w.i("mad.lo.s32", row, pitch, tile), w.i("shl.b32", chunk, 4));
            w.op("st.shared.v4.f32", "[" + to + "]", vector);
        });
    }

    private String[] loadVector(String address, int offset) {
        String[] values = w.fresh('f', 4);
        w.op("ld.shared.v4.f32", PtxWriter.list(values), "[" + address + "+" + offset + "]");
        return values;
    }

    /** Score of this lane's key with each query of the warp. */
    private String[] scores(String queries, String keyTile) {
        String[] scores = w.zeros(WARP_QUERIES);
        String key = w.i("mad.lo.s32", lane, keyPitch, keyTile);
        w.loop(0, keyDim * 4, 32, offset -> {
            String keyAt = w.i("add.s32", key, offset);
            String queryAt = w.i("add.s32", queries, offset);
            for (int half = 0; half < 32; half += 16) {
                String[] right = loadVector(keyAt, half);
                for (int query = 0; query < WARP_QUERIES; query++) {
                    String[] left = loadVector(queryAt, query * keyPitch + half);
                    for (int i = 0; i < 4; i++) {
                        w.op("fma.rn.f32", scores[query], left[i], right[i], scores[query]);
                    }
                }
            }
        });
        return scores;
    }

    private void softmax(String[] scores, String exists, String probabilities) {
        String at = w.i("mad.lo.s32", lane, 4, probabilities);
        for (int query = 0; query < WARP_QUERIES; query++) {
            String score = w.f("selp.f32", scores[query], PtxWriter.constant(Float.NEGATIVE_INFINITY), exists);
            String best = w.f("mov.f32", score);
            w.reduceWarp(best, "max.f32");
            w.op("max.f32", best, best, maximum[query]);
            String factor = w.f("ex2.approx.f32", w.f("mul.f32", w.f("sub.f32", maximum[query], best), g.scaleLog2));
            w.op("mov.f32", maximum[query], best);
            String p = w.f("ex2.approx.f32", w.f("mul.f32", w.f("sub.f32", score, best), g.scaleLog2));
            w.op("fma.rn.f32", sum[query], sum[query], factor, p);
            for (String value : output[query]) {
                w.op("mul.f32", value, value, factor);
            }
            w.op("st.shared.f32", "[" + at + "+" + query * KEY_TILE * 4 + "]", p);
        }
        w.op("bar.warp.sync", PtxWriter.ALL_LANES);
    }

    /** Adds the tile's values; the lane owns columns lane, lane + 32, ... */
    private void values(String probabilities, String valueTile) {
        String column = w.i("mad.lo.s32", lane, 4, valueTile);
        w.loop(0, KEY_TILE, 4, key -> {
            String at = w.i("mad.lo.s32", key, 4, probabilities);
            String valueAt = w.i("mad.lo.s32", key, valuePitch, column);
            String[][] p = new String[WARP_QUERIES][];
            for (int query = 0; query < WARP_QUERIES; query++) {
                p[query] = loadVector(at, query * KEY_TILE * 4);
            }
            for (int i = 0; i < 4; i++) {
                for (int group = 0; group < output[0].length; group++) {
                    String value = w.f("ld.shared.f32", "[" + valueAt + "+" + (i * valuePitch + group * 128) + "]");
                    for (int query = 0; query < WARP_QUERIES; query++) {
                        w.op("fma.rn.f32", output[query][group], p[query][i], value, output[query][group]);
                    }
                }
            }
        });
        w.op("bar.warp.sync", PtxWriter.ALL_LANES);
    }

    private void finish() {
        String first = w.i("mad.lo.s32", warp, WARP_QUERIES, g.firstQuery);
        for (int query = 0; query < WARP_QUERIES; query++) {
            w.reduceWarp(sum[query], "add.f32");
            String factor = w.f("rcp.rn.f32", sum[query]);
            AttentionGeometry.Row row = g.queryRow(w.i("add.s32", first, query));
            String at = g.out.at(row.index(), lane);
            for (int group = 0; group < output[query].length; group++) {
                String value = w.f("mul.f32", output[query][group], factor);
                String inside = w.p("setp.lt.s32", lane, valueDim - 32 * group);
                String store = w.p("and.pred", row.exists(), inside);
                String target = "[" + at + "+" + group * 128 + "]";
                w.when(store, () -> w.op("st.global.f32", target, value));
            }
        }
    }
}
