package dev.sam2j.cuda.ptx;

import dev.sam2j.tensor.DType;

/**
 * Operations that map each element of a (rows, columns) matrix. One thread handles {@code width} adjacent columns;
 * widths 4 and 8 need columns, strides and addresses that are multiples of as many elements. The grid is over {@code
 * rows * columns / width} items.
 */
public final class ElementwiseKernels {
    private static final int THREADS = 256;

    private ElementwiseKernels() {}

    /** The position of a thread: row, first column; threads past the end have been stopped. */
    public record Position(String row, String column) {}

    /** Finds the position of this thread; threads past the end stop. */
    public static Position position(PtxWriter w, String rows, String columns, int width) {
        String index = w.globalThread();
        String perRow = width == 1 ? columns : w.i("shr.u32", columns, width / 4 + 1);
        w.exitFrom(index, w.i("mul.lo.s32", rows, perRow));
        String row = w.i("div.u32", index, perRow);
        String column = w.i("sub.s32", index, w.i("mul.lo.s32", row, perRow));
        return new Position(row, width == 1 ? column : w.i("shl.b32", column, width / 4 + 1));
    }

    /**
     * {@code out = residual + scale * activation(x + bias)}, what follows a matrix product. Parameters: x, x stride,
     * bias or 0, scale or 0 (float32, one per column), residual or 0, residual stride, residual rows (row r reads
     * residual row r mod that), out, out stride, rows, columns, activation. {@code out} may be {@code x} (of the same
     * type and stride) or {@code residual} if all its rows are used once.
     */
    public static PtxKernel epilogue(DType in, DType out, int width) {
        String entry = "epilogue_" + in.label() + "_" + out.label() + "_w" + width;
        PtxWriter w =
                new PtxWriter(entry, THREADS, "out = residual + scale * activation(x + bias), float32 arithmetic.");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String bias = w.pointer("bias");
        String scale = w.pointer("scale");
        String residual = w.pointer("residual");
        String residualStride = w.integer("residual_stride");
        String residualRows = w.integer("residual_rows");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        String activation = w.integer("activation");
        Position at = position(w, rows, columns, width);
        String[] values = new Elements(w, in, width).load(w.address(x, at.row, xStride, at.column, in.bytes()));
        finish(w, values, new Finish(bias, scale, residual, residualStride, residualRows, activation, out), at);
        new Elements(w, out, width).store(w.address(y, at.row, yStride, at.column, out.bytes()), values);
        return w.build();
    }

    /** Parameters of {@link #finish}. */
    public record Finish(
            String bias,
            String scale,
            String residual,
            String residualStride,
            String residualRows,
            String activation,
            DType type) {}

    /** Bias, activation, scale and residual of adjacent columns, in registers. */
    public static void finish(PtxWriter w, String[] values, Finish f, Position at) {
        Elements vector = new Elements(w, DType.F32, values.length);
        w.ifPresent(f.bias, () -> {
            String[] shifts = vector.load(w.address(f.bias, at.column, 4));
            for (int i = 0; i < values.length; i++) {
                w.op("add.f32", values[i], values[i], shifts[i]);
            }
        });
        Activations.apply(w, f.activation, values);
        w.ifPresent(f.scale, () -> {
            String[] factors = vector.load(w.address(f.scale, at.column, 4));
            for (int i = 0; i < values.length; i++) {
                w.op("mul.f32", values[i], values[i], factors[i]);
            }
        });
        w.ifPresent(f.residual, () -> {
            String row = w.i("rem.u32", at.row, f.residualRows);
            String address = w.address(f.residual, row, f.residualStride, at.column, f.type.bytes());
            String[] addends = new Elements(w, f.type, values.length).load(address);
            for (int i = 0; i < values.length; i++) {
                w.op("add.f32", values[i], values[i], addends[i]);
            }
        });
    }

    /**
     * {@code out = alpha a + beta b}, row r reads row {@code r mod b_rows} of b. Parameters: a, a stride, alpha, b, b
     * stride, b rows, beta, out, out stride, rows, columns. {@code out} may be a, or b if it has as many rows.
     */
    public static PtxKernel add(DType type, int width) {
        PtxWriter w = new PtxWriter(
                "add_" + type.label() + "_w" + width, THREADS, "out = alpha a + beta b, b's rows repeat.");
        String a = w.pointer("a");
        String aStride = w.integer("a_stride");
        String alpha = w.real("alpha");
        String b = w.pointer("b");
        String bStride = w.integer("b_stride");
        String bRows = w.integer("b_rows");
        String beta = w.real("beta");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        Position at = position(w, rows, columns, width);
        Elements elements = new Elements(w, type, width);
        String[] left = elements.load(w.address(a, at.row, aStride, at.column, type.bytes()));
        String[] right = elements.load(w.address(b, w.i("rem.u32", at.row, bRows), bStride, at.column, type.bytes()));
        for (int i = 0; i < width; i++) {
            left[i] = w.f("fma.rn.f32", alpha, left[i], w.f("mul.f32", beta, right[i]));
        }
        elements.store(w.address(y, at.row, yStride, at.column, type.bytes()), left);
        return w.build();
    }

    /**
     * {@code out = activation(scale x + shift)}. Parameters: x, x stride, scale, shift, out, out stride, rows, columns,
     * activation. {@code out} may be x.
     */
    public static PtxKernel unary(DType type, int width) {
        PtxWriter w =
                new PtxWriter("unary_" + type.label() + "_w" + width, THREADS, "out = activation(scale x + shift).");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String scale = w.real("scale");
        String shift = w.real("shift");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        String activation = w.integer("activation");
        Position at = position(w, rows, columns, width);
        Elements elements = new Elements(w, type, width);
        String[] values = elements.load(w.address(x, at.row, xStride, at.column, type.bytes()));
        for (int i = 0; i < width; i++) {
            values[i] = w.f("fma.rn.f32", scale, values[i], shift);
        }
        Activations.apply(w, activation, values);
        elements.store(w.address(y, at.row, yStride, at.column, type.bytes()), values);
        return w.build();
    }

    /**
     * Copies values, row r from source row {@code r mod x_rows}, converting between types. Parameters: x, x stride, x
     * rows, out, out stride, rows, columns.
     */
    public static PtxKernel copy(DType in, DType out, int width) {
        PtxWriter w = new PtxWriter(
                "copy_" + in.label() + "_" + out.label() + "_w" + width,
                THREADS,
                "out = x in another type or layout, x's rows repeat.");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String xRows = w.integer("x_rows");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        Position at = position(w, rows, columns, width);
        String from = w.address(x, w.i("rem.u32", at.row, xRows), xStride, at.column, in.bytes());
        String[] values = new Elements(w, in, width).load(from);
        new Elements(w, out, width).store(w.address(y, at.row, yStride, at.column, out.bytes()), values);
        return w.build();
    }

    /**
     * Rounds to bfloat16, nearest even, stored in types that hold more. Parameters: x, x stride, out, out stride, rows,
     * columns. {@code out} may be x if it has its type.
     */
    public static PtxKernel roundToBf16(DType in, DType out, int width) {
        PtxWriter w = new PtxWriter(
                "round_to_bf16_" + in.label() + "_" + out.label() + "_w" + width,
                THREADS,
                "out = x rounded to bfloat16.");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        Position at = position(w, rows, columns, width);
        String[] values = new Elements(w, in, width).load(w.address(x, at.row, xStride, at.column, in.bytes()));
        for (int i = 0; i < width; i++) {
            String rounded = Halves.pack(w, DType.BF16, PtxWriter.constant(0), values[i]);
            values[i] = Halves.low(w, DType.BF16, rounded);
        }
        new Elements(w, out, width).store(w.address(y, at.row, yStride, at.column, out.bytes()), values);
        return w.build();
    }

    /**
     * Rotary embedding: {@code (a, b) -> (a cos - b sin, a sin + b cos)} for adjacent columns. Parameters: x, x stride,
     * table (table rows, columns) of float32 {@code cos, sin} pairs, table rows, out, out stride, rows, columns; row r
     * uses table row {@code r mod table_rows}, which is right for several batch entries if N is a multiple of the
     * table's rows. {@code out} may be x. Four columns (two pairs) per thread; addresses and strides as for width 4.
     */
    public static PtxKernel rotary(DType type) {
        PtxWriter w =
                new PtxWriter("rotary_" + type.label(), THREADS, "Rotates adjacent pairs of columns by tabled angles.");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String table = w.pointer("table");
        String tableRows = w.integer("table_rows");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        Position at = position(w, rows, columns, 4);
        Elements elements = new Elements(w, type, 4);
        String[] v = elements.load(w.address(x, at.row, xStride, at.column, type.bytes()));
        String angles = w.address(table, w.i("rem.u32", at.row, tableRows), columns, at.column, 4);
        String[] t = new Elements(w, DType.F32, 4).load(angles);
        String[] rotated = new String[4];
        for (int i = 0; i < 4; i += 2) {
            String cross = w.f("neg.f32", w.f("mul.f32", v[i + 1], t[i + 1]));
            rotated[i] = w.f("fma.rn.f32", v[i], t[i], cross);
            rotated[i + 1] = w.f("fma.rn.f32", v[i], t[i + 1], w.f("mul.f32", v[i + 1], t[i]));
        }
        elements.store(w.address(y, at.row, yStride, at.column, type.bytes()), rotated);
        return w.build();
    }

    /**
     * {@link #rotary} where columns, strides or addresses do not allow accesses of four elements: one pair of columns
     * per thread; the grid is over {@code rows * columns / 2} items.
     */
    public static PtxKernel rotaryPairs(DType type) {
        PtxWriter w = new PtxWriter(
                "rotary_pairs_" + type.label(), THREADS, "Rotates adjacent pairs of columns by tabled angles.");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String table = w.pointer("table");
        String tableRows = w.integer("table_rows");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        Position pair = position(w, rows, w.i("shr.u32", columns, 1), 1);
        String column = w.i("shl.b32", pair.column, 1);
        Elements elements = new Elements(w, type, 1);
        Elements angles = new Elements(w, DType.F32, 1);
        String from = w.address(x, pair.row, xStride, column, type.bytes());
        String a = elements.load(from)[0];
        String b = elements.load(w.l("add.s64", from, type.bytes()))[0];
        String angle = w.address(table, w.i("rem.u32", pair.row, tableRows), columns, column, 4);
        String cos = angles.load(angle)[0];
        String sin = angles.load(w.l("add.s64", angle, 4))[0];
        String to = w.address(y, pair.row, yStride, column, type.bytes());
        String first = w.f("fma.rn.f32", a, cos, w.f("neg.f32", w.f("mul.f32", b, sin)));
        String second = w.f("fma.rn.f32", a, sin, w.f("mul.f32", b, cos));
        elements.store(to, first);
        elements.store(w.l("add.s64", to, type.bytes()), second);
        return w.build();
    }

    /**
     * Second half of a 2x2 stride-2 transposed convolution: x (B*H*W, 4*O) holds the products for output rows {@code
     * (i, j, o)}; out (B*2H*2W, O) = residual + scale * activation(x + bias). Parameters as {@link #epilogue} but for
     * the sizes: ..., out, out stride, output rows, columns O, activation, input width W. {@code out} must not be x.
     */
    public static PtxKernel pixelShuffle(DType in, DType out, int width) {
        String entry = "pixel_shuffle_" + in.label() + "_" + out.label() + "_w" + width;
        PtxWriter w = new PtxWriter(entry, THREADS, "out[2y+i, 2x+j, o] = epilogue(x[y, x, (i, j, o)]).");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String bias = w.pointer("bias");
        String scale = w.pointer("scale");
        String residual = w.pointer("residual");
        String residualStride = w.integer("residual_stride");
        String residualRows = w.integer("residual_rows");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        String activation = w.integer("activation");
        String inputWidth = w.integer("input_width");
        Position at = position(w, rows, columns, width);
        String outputWidth = w.i("shl.b32", inputWidth, 1);
        String line = w.i("div.u32", at.row, outputWidth); // over all batch entries, each has an even number of lines
        String pixel = w.i("sub.s32", at.row, w.i("mul.lo.s32", line, outputWidth));
        String inputRow = w.i("mad.lo.s32", w.i("shr.u32", line, 1), inputWidth, w.i("shr.u32", pixel, 1));
        String group = w.i("mad.lo.s32", w.i("and.b32", line, 1), 2, w.i("and.b32", pixel, 1));
        String inputColumn = w.i("mad.lo.s32", group, columns, at.column);
        String[] values = new Elements(w, in, width).load(w.address(x, inputRow, xStride, inputColumn, in.bytes()));
        finish(w, values, new Finish(bias, scale, residual, residualStride, residualRows, activation, out), at);
        new Elements(w, out, width).store(w.address(y, at.row, yStride, at.column, out.bytes()), values);
        return w.build();
    }
}
