package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.Interpolation;

/**
 * Writes the sampling of a picture at one output position. The coordinates of bilinear sampling are rounded to float32
 * as its definition says; those of the others are quotients of integers, so only their fractions are rounded. Twice an
 * input length times an output length must stay below 2^31.
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

    String[] sample(Interpolation filter, Axis y, Axis x, int channels, Source source) {
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

    /** {@code (2 index + 1) input}, the centre of an output position times twice the output length. */
    private String scaledCentre(Axis axis) {
        return w.i("mul.lo.s32", w.i("mad.lo.s32", axis.index, 2, 1), axis.input);
    }

    /** A quotient of integers as a whole number and a fraction in float32. */
    private record Position(String whole, String fraction) {}

    private Position divide(String numerator, String denominator) {
        String whole = w.i("div.u32", numerator, denominator);
        String rest = w.i("sub.s32", numerator, w.i("mul.lo.s32", whole, denominator));
        String fraction = w.f("div.rn.f32", w.f("cvt.rn.f32.s32", rest), w.f("cvt.rn.f32.s32", denominator));
        return new Position(whole, fraction);
    }

    private Taps bicubic(Axis axis) {
        String twice = w.i("shl.b32", axis.output, 1);
        // one more than scale * (index + 0.5) - 0.5, which may be negative
        Position next = divide(w.i("add.s32", scaledCentre(axis), axis.output), twice);
        String floor = w.i("sub.s32", next.whole, 1);
        String t = next.fraction;
        String rest = w.f("sub.f32", PtxWriter.constant(1), t);
        String last = w.i("sub.s32", axis.input, 1);
        String[] indices = new String[4];
        for (int i = 0; i < 4; i++) {
            indices[i] = w.i("min.s32", w.i("max.s32", w.i("add.s32", floor, i - 1), 0), last);
        }
        return new Taps(indices, new String[] {outer(t, rest), inner(t), inner(rest), outer(rest, t)});
    }

    /** {@code (a + 2) x³ - (a + 3) x² + 1}. */
    private String inner(String x) {
        String sum = w.f("fma.rn.f32", x, PtxWriter.constant(CUBIC_A + 2), PtxWriter.constant(-CUBIC_A - 3));
        return w.f("fma.rn.f32", w.f("mul.f32", sum, x), x, PtxWriter.constant(1));
    }

    /** {@code a x³ - 5a x² + 8a x - 4a} at {@code x = 1 + t}, in factors that do not cancel: {@code a t (1 - t)²}. */
    private String outer(String t, String rest) {
        return w.f("mul.f32", w.f("mul.f32", w.f("mul.f32", t, PtxWriter.constant(CUBIC_A)), rest), rest);
    }

    /** Rows of taps first, then columns of rows. */
    private String[] weighted(Taps y, Taps x, int channels, Source source) {
        String[] result = w.zeros(channels);
        for (int i = 0; i < y.indices.length; i++) {
            String[] line = w.zeros(channels);
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

    /** The triangle filter along an axis: its centre, 1 / its half width, its first source index and the one past. */
    private record Range(Position centre, String inverse, String from, String to) {}

    /**
     * {@code from = max(trunc(c - support + 0.5), 0)}, {@code to = min(trunc(c + support + 0.5), input)} with
     * {@code support = max(input / output, 1)}.
     */
    private Range range(Axis axis) {
        String twice = w.i("shl.b32", axis.output, 1);
        String centre = scaledCentre(axis);
        String rounded = w.i("add.s32", centre, axis.output);
        String support = w.i("shl.b32", w.i("max.s32", axis.input, axis.output), 1);
        String low = w.i("max.s32", w.i("sub.s32", rounded, support), 0);
        String high = w.i("add.s32", rounded, support);
        return new Range(
                divide(centre, twice),
                w.f("rcp.rn.f32", w.f("max.f32", axis.scale, PtxWriter.constant(1))),
                w.i("div.u32", low, twice),
                w.i("min.s32", w.i("div.u32", high, twice), axis.input));
    }

    /** {@code max(0, 1 - |(j - c + 0.5) / support|)}. */
    private String triangle(Range range, String j) {
        String whole = w.f("cvt.rn.f32.s32", w.i("sub.s32", j, range.centre.whole));
        String distance = w.f("sub.f32", w.f("add.f32", whole, PtxWriter.constant(0.5f)), range.centre.fraction);
        distance = w.f("mul.f32", distance, range.inverse);
        return w.f("max.f32", w.f("sub.f32", PtxWriter.constant(1), w.f("abs.f32", distance)), PtxWriter.constant(0));
    }

    /** The filter is separable: weights of a row and of the columns are normalised by one division at the end. */
    private String[] antialias(Axis y, Axis x, int channels, Source source) {
        Range rows = range(y);
        Range columns = range(x);
        String[] result = w.zeros(channels);
        String total = w.zeros(1)[0];
        w.loop(rows.from, rows.to, 1, i -> {
            String rowWeight = triangle(rows, i);
            String[] line = w.zeros(channels);
            String lineTotal = w.zeros(1)[0];
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
