package dev.sam2j.kernels.ptx;

/**
 * Writes the sampling of a picture at one output position; coordinates are float32 as in the definition of each
 * filter.
 */
record Resampling(PtxWriter w) {
    private static final float CUBIC_A = -0.75f;

    /** Output index along an axis, the lengths, and input / output in float32. */
    record Axis(String index, String input, String output, String scale) {}

    /** Loads the channels at a source row and column. */
    interface Source {
        String[] load(String row, String column);
    }

    /** Taps of one axis whose number is known: source indices and weights. */
    private record Taps(String[] indices, String[] weights) {}

    String[] sample(ResizeKernels.Filter filter, Axis y, Axis x, int channels, Source source) {
        return switch (filter) {
            case NEAREST -> source.load(nearest(y), nearest(x));
            case BILINEAR -> weighted(bilinear(y), bilinear(x), channels, source);
            case BICUBIC -> weighted(bicubic(y), bicubic(x), channels, source);
            case BILINEAR_ANTIALIAS -> antialias(y, x, channels, source);
        };
    }

    /** {@code floor(index * input / output)}, in integers. */
    private String nearest(Axis axis) {
        return w.i("div.u32", w.i("mul.lo.s32", axis.index, axis.input), axis.output);
    }

    /** {@code scale * (index + 0.5) - 0.5}, rounded once. */
    private String coordinate(Axis axis) {
        String centre = w.f("add.f32", w.f("cvt.rn.f32.s32", axis.index), PtxWriter.constant(0.5f));
        return w.f("fma.rn.f32", axis.scale, centre, PtxWriter.constant(-0.5f));
    }

    private Taps bilinear(Axis axis) {
        String u = w.f("max.f32", coordinate(axis), PtxWriter.constant(0));
        String last = w.i("sub.s32", axis.input, 1);
        String low = w.i("min.s32", w.i("cvt.rmi.s32.f32", u), last);
        String high = w.i("min.s32", w.i("add.s32", low, 1), last);
        String t = w.f("sub.f32", u, w.f("cvt.rn.f32.s32", low));
        return new Taps(new String[] {low, high}, new String[] {w.f("sub.f32", PtxWriter.constant(1), t), t});
    }

    private Taps bicubic(Axis axis) {
        String u = coordinate(axis);
        String floor = w.i("cvt.rmi.s32.f32", u);
        String t = w.f("sub.f32", u, w.f("cvt.rn.f32.s32", floor));
        String rest = w.f("sub.f32", PtxWriter.constant(1), t);
        String last = w.i("sub.s32", axis.input, 1);
        String[] indices = new String[4];
        for (int i = 0; i < 4; i++) {
            indices[i] = w.i("min.s32", w.i("max.s32", w.i("add.s32", floor, i - 1), 0), last);
        }
        String one = PtxWriter.constant(1);
        return new Taps(
                indices,
                new String[] {outer(w.f("add.f32", t, one)), inner(t), inner(rest), outer(w.f("add.f32", rest, one))});
    }

    /** {@code (a + 2) x³ - (a + 3) x² + 1}. */
    private String inner(String x) {
        String sum = w.f("fma.rn.f32", x, PtxWriter.constant(CUBIC_A + 2), PtxWriter.constant(-CUBIC_A - 3));
        return w.f("fma.rn.f32", w.f("mul.f32", sum, x), x, PtxWriter.constant(1));
    }

    /** {@code a x³ - 5a x² + 8a x - 4a}. */
    private String outer(String x) {
        String sum = w.f("fma.rn.f32", x, PtxWriter.constant(CUBIC_A), PtxWriter.constant(-5 * CUBIC_A));
        sum = w.f("fma.rn.f32", sum, x, PtxWriter.constant(8 * CUBIC_A));
        return w.f("fma.rn.f32", sum, x, PtxWriter.constant(-4 * CUBIC_A));
    }

    /** Rows of taps first, then columns of rows. */
    private String[] weighted(Taps y, Taps x, int channels, Source source) {
        String[] result = zeros(channels);
        for (int i = 0; i < y.indices.length; i++) {
            String[] line = zeros(channels);
            for (int j = 0; j < x.indices.length; j++) {
                String[] values = source.load(y.indices[i], x.indices[j]);
                for (int c = 0; c < channels; c++) {
                    w.op("fma.rn.f32", line[c], x.weights[j], values[c], line[c]);
                }
            }
            for (int c = 0; c < channels; c++) {
                w.op("fma.rn.f32", result[c], y.weights[i], line[c], result[c]);
            }
        }
        return result;
    }

    private String[] zeros(int count) {
        String[] registers = new String[count];
        for (int i = 0; i < count; i++) {
            registers[i] = w.f("mov.f32", PtxWriter.constant(0));
        }
        return registers;
    }

    /** Range of the triangle filter along an axis. */
    private record Range(String centre, String inverse, String from, String to) {}

    /** {@code from = max(trunc(c - support + 0.5), 0)}, {@code to = min(trunc(c + support + 0.5), input)}. */
    private Range range(Axis axis) {
        String centre =
                w.f("mul.f32", axis.scale, w.f("add.f32", w.f("cvt.rn.f32.s32", axis.index), PtxWriter.constant(0.5f)));
        String support = w.f("max.f32", axis.scale, PtxWriter.constant(1));
        String low = w.f("add.f32", w.f("sub.f32", centre, support), PtxWriter.constant(0.5f));
        String high = w.f("add.f32", w.f("add.f32", centre, support), PtxWriter.constant(0.5f));
        return new Range(
                centre,
                w.f("rcp.rn.f32", support),
                w.i("max.s32", w.i("cvt.rzi.s32.f32", low), 0),
                w.i("min.s32", w.i("cvt.rzi.s32.f32", high), axis.input));
    }

    /** {@code max(0, 1 - |(j - c + 0.5) / support|)}. */
    private String triangle(Range range, String j) {
        String distance = w.f("sub.f32", w.f("cvt.rn.f32.s32", j), range.centre);
        distance = w.f("mul.f32", w.f("add.f32", distance, PtxWriter.constant(0.5f)), range.inverse);
        return w.f("max.f32", w.f("sub.f32", PtxWriter.constant(1), w.f("abs.f32", distance)), PtxWriter.constant(0));
    }

    /** The filter is separable: weights of a row and of the columns are normalised by one division at the end. */
    private String[] antialias(Axis y, Axis x, int channels, Source source) {
        Range rows = range(y);
        Range columns = range(x);
        String[] result = zeros(channels);
        String total = zeros(1)[0];
        w.loop(rows.from, rows.to, 1, i -> {
            String rowWeight = triangle(rows, i);
            String[] line = zeros(channels);
            String lineTotal = zeros(1)[0];
            w.loop(columns.from, columns.to, 1, j -> {
                String weight = triangle(columns, j);
                String[] values = source.load(i, j);
                w.op("add.f32", lineTotal, lineTotal, weight);
                for (int c = 0; c < channels; c++) {
                    w.op("fma.rn.f32", line[c], weight, values[c], line[c]);
                }
            });
            w.op("fma.rn.f32", total, rowWeight, lineTotal, total);
            for (int c = 0; c < channels; c++) {
                w.op("fma.rn.f32", result[c], rowWeight, line[c], result[c]);
            }
        });
        for (int c = 0; c < channels; c++) {
            w.op("div.rn.f32", result[c], result[c], total);
        }
        return result;
    }
}
