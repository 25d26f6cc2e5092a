package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxWriter;

/**
 * Asynchronous copies of bf16 rows, each found by its number, to a tile laid out as by {@link SwizzledCopy}. Each
 * thread keeps its chunk and steps over rows by a multiple of 8, so that its place within a row stays.
 */
final class SwizzledGather {
    private static final int CHUNK = 16;
    private static final int ROW_BYTES = HopperAttentionConfig.ROW_BYTES;

    private final PtxWriter w;
    private final int step;
    private final String row;
    private final String columnBytes;
    private final String active;
    private final String offset;

    /** Copies to a tile of {@code rows} rows. */
    SwizzledGather(PtxWriter w, String thread, int threads, int columns, int rows) {
        this.w = w;
        int chunks = columns / 8;
        step = threads / chunks / 8 * 8;
        row = w.i("div.u32", thread, chunks);
        String chunk = w.i("sub.s32", thread, w.i("mul.lo.s32", row, chunks));
        active = step * chunks == threads ? null : w.p("setp.lt.s32", row, step);
        String place = w.i("xor.b32", w.i("and.b32", chunk, 7), w.i("and.b32", row, 7));
        String inRow = w.i("mad.lo.s32", row, ROW_BYTES, w.i("shl.b32", place, 4));
        offset = w.i("mad.lo.s32", w.i("shr.u32", chunk, 3), rows * ROW_BYTES, inRow);
        columnBytes = w.l("mul.wide.u32", chunk, CHUNK);
    }

    /** Copies rows {@code first} to {@code first + count}, both multiples of 8, of the tile at {@code tileOffset}. */
    void copy(String tile, int tileOffset, int first, int count, TileCopy.SourceOf sources) {
        String destination = w.i("add.s32", tile, offset);
        for (int pass = 0; pass < count; pass += step) {
            TileCopy.Source source = sources.find(w.i("add.s32", row, first + pass));
            String from = w.l("add.s64", source.address(), columnBytes);
            String bytes = w.i("selp.b32", CHUNK, 0, source.exists());
            String to = "[" + destination + "+" + (tileOffset + (first + pass) * ROW_BYTES) + "]";
            String only = pass + step <= count ? active : inside(count - pass);
            w.when(only, () -> w.op("cp.async.cg.shared.global", to, "[" + from + "]", CHUNK, bytes));
        }
    }

    private String inside(int rows) {
        String below = w.p("setp.lt.s32", row, rows);
        return active == null ? below : w.p("and.pred", below, active);
    }
}
