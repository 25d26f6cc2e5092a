package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;

/**
 * Parameters, block position and index map that the attention kernels share. A block handles {@code blockQueries}
 * queries of one head of one batch entry; blocks along x are query tiles (times windows), along y heads, along z batch
 * entries (times splits).
 */
final class AttentionGeometry {
    private final PtxWriter w;
    private final boolean windowed;
    private final int bytes;
    final DType type;
    private String gridHeight;
    private String gridWidth;
    private String queryGridHeight;
    private String queryGridWidth;
    private String size;
    private String querySize;
    private String magic;
    private String queryMagic;
    private String windowY;
    private String windowX;
    private String padKey;
    private String padValue;

    /** Rows of this batch entry at the head's columns; with split keys {@code out} is the whole of it. */
    final PtxMatrix q;

    final PtxMatrix k;
    final PtxMatrix v;
    final PtxMatrix out;

    final String scaleLog2;
    final String head;
    /** Number of queries and keys that this block's batch entry or window has. */
    String queries;

    String keys;
    /** First query of the block, counted in its window. */
    String firstQuery;
    /** Keys that this block sees: from {@code firstKey} to {@code endKey}, counted in the window. */
    String firstKey;

    String endKey;
    /**
     * Split keys only: row {@code (split * batch + entry) * queries} of the partial results, and where the exponents
     * go.
     */
    String partialRow;

    String exponents;

    /** A grid row and whether the position exists. */
    record Row(String index, String exists) {}

    AttentionGeometry(PtxWriter w, DType type, int dk, int dv, int blockQueries, boolean windowed, boolean split) {
        this.w = w;
        this.windowed = windowed;
        this.type = type;
        bytes = type.bytes();
        Operand allQ = operand("q");
        Operand allK = operand("k");
        Operand allV = operand("v");
        Operand allOut = operand("out");
        scaleLog2 = w.real("scale_log2");
        head = w.i("mov.u32", "%ctaid.y");
        String entry = w.i("mov.u32", "%ctaid.z");
        String keyColumn = w.i("mul.lo.s32", head, dk);
        String valueColumn = w.i("mul.lo.s32", head, dv);
        if (windowed) {
            window(blockQueries, keyColumn, valueColumn);
        } else {
            queries = w.integer("queries");
            keys = w.integer("keys");
            firstQuery = w.i("mul.lo.s32", w.i("mov.u32", "%ctaid.x"), blockQueries);
        }
        firstKey = w.i("mov.u32", 0);
        endKey = keys;
        if (split) {
            entry = splitKeys(entry);
        }
        q = allQ.part(entry, keyColumn);
        k = allK.part(entry, keyColumn);
        v = allV.part(entry, valueColumn);
        out = split ? allOut.rows : allOut.part(entry, valueColumn);
    }

    /** Rows of all batch entries and the register of the distance between two entries. */
    private record Operand(PtxMatrix rows, String batch) {
        PtxMatrix part(String entry, String column) {
            PtxWriter w = rows.w();
            String base =
                    w.address(rows.base(), entry, batch, column, rows.type().bytes());
            return new PtxMatrix(w, rows.type(), base, rows.stride());
        }
    }

    private Operand operand(String name) {
        return new Operand(PtxMatrix.parameter(w, name, type), w.integer(name + "_batch"));
    }

    private void window(int blockQueries, String keyColumn, String valueColumn) {
        gridHeight = w.integer("height");
        gridWidth = w.integer("width");
        size = w.integer("size");
        String queryStride = w.integer("query_stride");
        padKey = w.address(w.pointer("pad_key"), keyColumn, bytes);
        padValue = w.address(w.pointer("pad_value"), valueColumn, bytes);
        querySize = w.i("div.u32", size, queryStride);
        queryGridHeight = w.i("div.u32", gridHeight, queryStride);
        queryGridWidth = w.i("div.u32", gridWidth, queryStride);
        magic = w.i("add.s32", w.i("div.u32", 65536, size), 1);
        queryMagic = w.i("add.s32", w.i("div.u32", 65536, querySize), 1);
        queries = w.i("mul.lo.s32", querySize, querySize);
        keys = w.i("mul.lo.s32", size, size);
        String tiles = w.i("div.u32", w.i("add.s32", queries, blockQueries - 1), blockQueries);
        String block = w.i("mov.u32", "%ctaid.x");
        String window = w.i("div.u32", block, tiles);
        String tile = w.i("sub.s32", block, w.i("mul.lo.s32", window, tiles));
        firstQuery = w.i("mul.lo.s32", tile, blockQueries);
        String perRow = w.i("div.u32", w.i("sub.s32", w.i("add.s32", gridWidth, size), 1), size);
        windowY = w.i("div.u32", window, perRow);
        windowX = w.i("sub.s32", window, w.i("mul.lo.s32", windowY, perRow));
    }

    private String splitKeys(String block) {
        String splits = w.integer("splits");
        String keysPerSplit = w.integer("keys_per_split");
        exponents = w.pointer("exponents");
        String entry = w.i("div.u32", block, splits);
        String split = w.i("sub.s32", block, w.i("mul.lo.s32", entry, splits));
        String entries = w.i("div.u32", w.i("mov.u32", "%nctaid.z"), splits);
        firstKey = w.i("mul.lo.s32", split, keysPerSplit);
        endKey = w.i("min.s32", keys, w.i("add.s32", firstKey, keysPerSplit));
        partialRow = w.i("mul.lo.s32", w.i("mad.lo.s32", split, entries, entry), queries);
        return entry;
    }

    /** Raster index of the query that is {@code local} in the block's window or batch entry. */
    Row queryRow(String local) {
        if (!windowed) {
            return new Row(local, w.p("setp.lt.s32", local, queries));
        }
        Row row = raster(local, querySize, queryMagic, queryGridHeight, queryGridWidth);
        String counted = w.p("setp.lt.s32", local, queries);
        return new Row(row.index, w.p("and.pred", row.exists, counted));
    }

    /**
     * {@code local / side} is {@code local * (65536 / side + 1) >> 16}, exact as long as {@code local * side <
     * 65536}.
     */
    private Row raster(String local, String side, String factor, String height, String width) {
        String line = w.i("shr.u32", w.i("mul.lo.s32", local, factor), 16);
        String column = w.i("sub.s32", local, w.i("mul.lo.s32", line, side));
        String y = w.i("mad.lo.s32", windowY, side, line);
        String x = w.i("mad.lo.s32", windowX, side, column);
        String inside = w.p("and.pred", w.p("setp.lt.s32", y, height), w.p("setp.lt.s32", x, width));
        return new Row(w.i("mad.lo.s32", y, width, x), inside);
    }

    /** The block's query {@code row}. */
    TileCopy.Source querySource(String row) {
        Row query = queryRow(w.i("add.s32", firstQuery, row));
        return new TileCopy.Source(q.at(query.index, 0), query.exists);
    }

    /** Key {@code local}: the padding key where the grid has no such position, zero from {@code endKey} on. */
    TileCopy.Source keySource(String local) {
        return source(local, k, padKey);
    }

    /** Value {@code local}, likewise. */
    TileCopy.Source valueSource(String local) {
        return source(local, v, padValue);
    }

    private TileCopy.Source source(String local, PtxMatrix matrix, String pad) {
        String address;
        if (windowed) {
            Row row = raster(local, size, magic, gridHeight, gridWidth);
            address = w.l("selp.b64", matrix.at(row.index, 0), pad, row.exists);
        } else {
            address = matrix.at(local, 0);
        }
        return new TileCopy.Source(address, w.p("setp.lt.s32", local, endKey));
    }
}
