package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.Halves;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;

/**
 * The two products of attention on warpgroups ({@code wgmma}), for 64 queries of a warpgroup. Tiles lie in shared
 * memory as {@link SwizzledCopy} writes them, in panels of 64 columns; a tile's panels are {@code rows * 128} bytes
 * apart. Products are asynchronous until {@link #await}.
 */
final class WarpgroupProducts {
    /** Queries of a warpgroup. */
    static final int ROWS = 64;

    private static final int KEYS_OF_A_PRODUCT = 16;
    private static final int ROW_BYTES = HopperAttentionConfig.ROW_BYTES;
    private static final int PANEL = HopperAttentionConfig.PANEL;

    private final PtxWriter w;
    private final DType type;
    private final String overwrite;
    private final String accumulate;

    WarpgroupProducts(PtxWriter w, DType type) {
        this.w = w;
        this.type = type;
        String zero = w.i("mov.u32", 0);
        overwrite = w.p("setp.ne.s32", zero, 0);
        accumulate = w.p("setp.eq.s32", zero, 0);
    }

    /** Number of a thread's warpgroup, which the assembler knows to be the same in all lanes of a warp. */
    static String warpgroup(PtxWriter w, String thread) {
        return w.i("shfl.sync.idx.b32", w.i("shr.u32", thread, 7), 0, "0x1f", PtxWriter.ALL_LANES);
    }

    /** Columns of a tile with zeros up to a multiple of what a product reads. */
    static int padded(int columns) {
        return (columns + 15) / 16 * 16;
    }

    static int tileBytes(int columns, int rows) {
        return (columns + PANEL - 1) / PANEL * rows * ROW_BYTES;
    }

    /** Zeroes the chunk between the columns of a tile and their padding in rows that no copy writes to. */
    static void clearPadding(PtxWriter w, String thread, int threads, String tile, int offset, int columns, int rows) {
        if (padded(columns) == columns) {
            return;
        }
        int chunk = columns / 8;
        int panel = offset + chunk / 8 * rows * ROW_BYTES;
        w.loop(thread, rows, threads, row -> {
            String place = w.i("xor.b32", w.i("and.b32", row, 7), chunk % 8);
            String at = w.i("mad.lo.s32", row, ROW_BYTES, w.i("shl.b32", place, 4));
            w.op("st.shared.v4.b32", "[" + w.i("add.s32", at, tile) + "+" + panel + "]", "{0, 0, 0, 0}");
        });
    }

    /** Makes the thread's finished copies visible to the tensor cores, then waits for all threads. */
    void synchronize() {
        w.bare("fence.proxy.async.shared::cta");
        w.op("bar.sync", 0);
    }

    /** Waits for all products. */
    void await() {
        w.op("wgmma.wait_group.sync.aligned", 0);
    }

    /** Descriptor of queries or keys: rows of a swizzled panel in groups of 8, 1024 bytes apart. */
    String rows(String tiles, int offset) {
        return matrix(tiles, offset, 0);
    }

    /**
     * Descriptor of values, which are read across: groups of 8 keys lie 1024 bytes apart, panels of 64 columns a whole
     * panel (the leading offset).
     */
    String across(String tiles, int offset, int rows) {
        return matrix(tiles, offset, rows * ROW_BYTES);
    }

    private String matrix(String tiles, int offset, int leadingBytes) {
        String start = w.i("shr.u32", w.i("add.s32", tiles, offset), 4);
        long layout = 1L << 62 | 1024L >> 4 << 32 | (long) leadingBytes >> 4 << 16;
        return w.l("or.b64", w.l("cvt.u64.u32", start), layout);
    }

    private String product(int columns) {
        return "wgmma.mma_async.sync.aligned.m64n" + columns + "k16." + Halves.product(type);
    }

    private String advance(String matrix, int bytes) {
        return bytes == 0 ? matrix : w.l("add.s64", matrix, bytes >> 4);
    }

    /**
     * Starts scores (64, keys) = q kᵀ.
     *
     * @param queryRows rows of the tile that the queries belong to, likewise {@code keyRows}
     * @param keyOffset bytes from the described keys to those of the product
     */
    void scores(String[][] scores, String queries, int queryRows, String keys, int keyRows, int keyOffset, int keyDim) {
        w.bare("wgmma.fence.sync.aligned");
        for (int step = 0; step < padded(keyDim) / 16; step++) {
            int panel = 16 * step / PANEL * ROW_BYTES;
            int column = 16 * step % PANEL * 2;
            w.op(
                    product(8 * scores.length),
                    PtxWriter.list(scores),
                    advance(queries, panel * queryRows + column),
                    advance(keys, keyOffset + panel * keyRows + column),
                    step == 0 ? overwrite : accumulate,
                    1,
                    1,
                    0,
                    0);
        }
        w.bare("wgmma.commit_group.sync.aligned");
    }

    /**
     * Starts output (64, valueDim) += probabilities v.
     *
     * @param probabilities for each 16 keys the left operand, from registers
     * @param valueOffset bytes from the described values to those of the product
     * @param first whether the output starts with this product
     */
    void output(String[][] output, String[][] probabilities, String values, int valueOffset, boolean first) {
        w.bare("wgmma.fence.sync.aligned");
        for (int step = 0; step < probabilities.length; step++) {
            w.op(
                    product(8 * output.length),
                    PtxWriter.list(output),
                    PtxWriter.list(probabilities[step]),
                    advance(values, valueOffset + step * KEYS_OF_A_PRODUCT * ROW_BYTES),
                    first && step == 0 ? overwrite : accumulate,
                    1,
                    1,
                    1);
        }
        w.bare("wgmma.commit_group.sync.aligned");
    }
}
