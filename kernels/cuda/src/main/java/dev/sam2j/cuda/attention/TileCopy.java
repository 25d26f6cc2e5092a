package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxWriter;

/**
 * Asynchronous copies of bf16 rows to a tile in shared memory. A tile's 16-byte chunks are divided among the threads of
 * a block: each thread keeps its column and steps over rows.
 */
final class TileCopy {
    private static final int CHUNK = 16;

    private final PtxWriter w;
    private final int rows;
    private final int pitch;
    private final int step;
    private final boolean guarded;
    private final String firstRow;
    private final String columnBytes;
    private final String offset;

    /** Where a row comes from, and a predicate that is false where it is to be zero. */
    record Source(String address, String exists) {}

    /** Finds the source of a row of a tile. */
    interface SourceOf {
        Source find(String row);
    }

    TileCopy(PtxWriter w, String thread, int threads, int columns, int rows, int pitch) {
        this.w = w;
        int chunks = columns / 8;
        this.rows = rows;
        this.pitch = pitch;
        step = threads / chunks;
        guarded = rows % step != 0 || threads % chunks != 0;
        String row = w.i("div.u32", thread, chunks);
        String column = w.i("sub.s32", thread, w.i("mul.lo.s32", row, chunks));
        // threads without a column get a row past the end
        firstRow = threads % chunks == 0 ? row : w.i("selp.b32", row, rows, w.p("setp.lt.s32", row, step));
        columnBytes = w.i("shl.b32", column, 4);
        offset = w.i("mad.lo.s32", row, pitch, columnBytes);
    }

    void copy(String tile, SourceOf sources) {
        String destination = w.i("add.s32", tile, offset);
        String wide = w.l("cvt.u64.u32", columnBytes);
        for (int first = 0; first < rows; first += step) {
            String row = first == 0 ? firstRow : w.i("add.s32", firstRow, first);
            Source source = sources.find(row);
            String from = w.l("add.s64", source.address, wide);
            String bytes = w.i("selp.b32", CHUNK, 0, source.exists);
            Object to = "[" + destination + "+" + first * pitch + "]";
            String inside = guarded ? w.p("setp.lt.s32", row, rows) : null;
            w.when(inside, () -> w.op("cp.async.cg.shared.global", to, "[" + from + "]", CHUNK, bytes));
        }
    }
}
