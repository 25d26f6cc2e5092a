package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxWriter;

/**
 * Asynchronous copies of bf16 rows to a tile in shared memory as {@code wgmma} reads it: panels of 64 columns, rows of
 * 128 bytes, the 16-byte chunks of a row exchanged by the row's number modulo 8. Each thread keeps its chunk and steps
 * over rows by a multiple of 8, so that its place within a row stays.
 */
final class SwizzledCopy {
    private static final int CHUNK = 16;

    private final PtxWriter w;
    private final int rows;
    private final int step;
    private final String row;
    private final String active;
    private final String offset;
    private final String stepBytes;
    private final String tileBytes;
    /** Address of the thread's first chunk in the tile that is copied next. */
    private final String from;

    /**
     * Copies of tiles of {@code rows} rows, one after the other.
     *
     * @param first first row of the first tile
     */
    SwizzledCopy(PtxWriter w, String thread, int threads, int columns, int rows, PtxMatrix source, String first) {
        this.w = w;
        this.rows = rows;
        int chunks = columns / 8;
        step = threads / chunks / 8 * 8;
        row = w.i("div.u32", thread, chunks);
        String chunk = w.i("sub.s32", thread, w.i("mul.lo.s32", row, chunks));
        active = step * chunks == threads ? null : w.p("setp.lt.s32", row, step);
        String panel = w.i("shr.u32", chunk, 3);
        String place = w.i("xor.b32", w.i("and.b32", chunk, 7), w.i("and.b32", row, 7));
        String inRow = w.i("mad.lo.s32", row, HopperAttentionConfig.ROW_BYTES, w.i("shl.b32", place, 4));
        offset = w.i("mad.lo.s32", panel, rows * HopperAttentionConfig.ROW_BYTES, inRow);
        stepBytes = w.l("mul.wide.u32", source.stride(), 2 * step);
        tileBytes = w.l("mul.wide.u32", source.stride(), 2 * rows);
        String start = source.at(w.i("add.s32", first, row), 0);
        from = w.l("add.s64", start, w.l("mul.wide.u32", chunk, CHUNK));
    }

    /** Copies the next tile, whose first row is {@code first}; rows from {@code end} on become zero. */
    void copy(String tile, int tileOffset, String first, String end) {
        String destination = w.i("add.s32", tile, offset);
        String left = w.i("sub.s32", w.i("sub.s32", end, first), row);
        String at = w.l("mov.b64", from);
        for (int pass = 0; pass < rows; pass += step) {
            if (pass > 0) {
                w.op("add.s64", at, at, stepBytes);
            }
            String bytes = w.i("selp.b32", CHUNK, 0, w.p("setp.gt.s32", left, pass));
            String to = "[" + destination + "+" + (tileOffset + pass * HopperAttentionConfig.ROW_BYTES) + "]";
            String only = pass + step <= rows ? active : inside(pass);
            w.when(only, () -> w.op("cp.async.cg.shared.global", to, "[" + at + "]", CHUNK, bytes));
        }
        w.op("add.s64", from, from, tileBytes);
    }

    private String inside(int pass) {
        String below = w.p("setp.lt.s32", row, rows - pass);
        return active == null ? below : w.p("and.pred", below, active);
    }
}
