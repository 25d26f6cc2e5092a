package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.ptx.Elements;
import dev.sam2j.cuda.ptx.ElementwiseKernels;
import dev.sam2j.cuda.ptx.OutputPixel;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Interpolation;
import java.util.Locale;

/**
 * Resampling of pictures (batch, height, width, channels), rows of pixels with a stride between pixels. Unless said
 * otherwise one thread computes 1 or 4 adjacent channels of one output pixel, 4 as in {@link ElementwiseKernels}.
 */
public final class ResizeKernels {
    private static final int THREADS = 256;

    private ResizeKernels() {}

    /**
     * Resamples pictures. Parameters: x, x stride, out, out stride, batch, output height, output width, channels, input
     * height, input width, and the float32 quotients input/output of heights and widths.
     */
    public static PtxKernel interpolate(DType type, Interpolation filter, int vector) {
        PtxWriter w = new PtxWriter(
                "interpolate_" + filter.name().toLowerCase(Locale.ROOT) + "_" + type.label() + "_w" + vector,
                THREADS,
                "x (B, H, W, C) resampled to out (B, H', W', C), half-pixel centres.");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String batch = w.integer("batch");
        String height = w.integer("height");
        String width = w.integer("width");
        String channels = w.integer("channels");
        String inputHeight = w.integer("input_height");
        String inputWidth = w.integer("input_width");
        String scaleY = w.real("scale_y");
        String scaleX = w.real("scale_x");
        OutputPixel p = OutputPixel.of(w, batch, height, width, channels, vector);
        Elements elements = new Elements(w, type, vector);
        Resampling.Source source = (row, column) -> elements.load(w.address(
                x,
                OutputPixel.rowOf(w, p.batch(), inputHeight, inputWidth, row, column),
                xStride,
                p.channel(),
                type.bytes()));
        Resampling.Axis vertical = new Resampling.Axis(p.y(), inputHeight, height, scaleY);
        Resampling.Axis horizontal = new Resampling.Axis(p.x(), inputWidth, width, scaleX);
        String[] result = new Resampling(w).sample(filter, vertical, horizontal, vector, source);
        elements.store(w.address(y, p.row(), yStride, p.channel(), type.bytes()), result);
        return w.build();
    }

    /**
     * Bilinear resampling of one logit map and comparison: bit i is set where pixel i exceeds the threshold.
     * Parameters: x (input height, input width), x stride between pixels, out (64-bit words, filled completely), output
     * height, output width, input height, input width, scale y, scale x, threshold. The grid is over {@code ceil(height
     * * width / 64) * 64} items.
     */
    public static PtxKernel thresholdMask(DType type) {
        PtxWriter w = new PtxWriter(
                "threshold_mask_" + type.label(),
                THREADS,
                "bit i of out = bilinear(x) at pixel i > threshold; a warp writes 32 bits.");
        Logits logits = Logits.parameters(w, type);
        String width = logits.width();
        String threshold = w.real("threshold");
        String index = w.globalThread();
        String pixels = w.i("mul.lo.s32", logits.height(), width);
        String inside = w.p("setp.lt.s32", index, pixels);
        String clamped = w.i("min.s32", index, w.i("sub.s32", pixels, 1)); // all lanes of the last warp must vote
        String row = w.i("div.u32", clamped, width);
        String column = w.i("sub.s32", clamped, w.i("mul.lo.s32", row, width));
        String value = logits.at(w, row, column);
        String word = ballot(w, value, threshold, inside);
        String words = w.i("shl.b32", w.i("shr.u32", w.i("add.s32", pixels, 63), 6), 1);
        String position = w.i("shr.u32", index, 5);
        String leader = w.p("setp.eq.s32", w.i("and.b32", index, 31), 0);
        String writes = w.p("and.pred", leader, w.p("setp.lt.s32", position, words));
        String at = w.address(logits.bits(), position, 4);
        w.when(writes, () -> w.op("st.global.b32", "[" + at + "]", word));
        return w.build();
    }

    /** A map of logits, the size it is resampled to, and where the bits of its pixels go. */
    private record Logits(
            DType type,
            String x,
            String xStride,
            String bits,
            String height,
            String width,
            String inputHeight,
            String inputWidth,
            String scaleY,
            String scaleX) {
        /** The parameters of a kernel, in this order. */
        static Logits parameters(PtxWriter w, DType type) {
            return new Logits(
                    type,
                    w.pointer("x"),
                    w.integer("x_stride"),
                    w.pointer("out"),
                    w.integer("height"),
                    w.integer("width"),
                    w.integer("input_height"),
                    w.integer("input_width"),
                    w.real("scale_y"),
                    w.real("scale_x"));
        }

        /** The bilinear value at a pixel of the resampled map. */
        String at(PtxWriter w, String row, String column) {
            Elements elements = new Elements(w, type, 1);
            return new Resampling(w)
                    .sample(
                            Interpolation.BILINEAR,
                            new Resampling.Axis(row, inputHeight, height, scaleY),
                            new Resampling.Axis(column, inputWidth, width, scaleX),
                            1,
                            (i, j) -> elements.load(
                                    w.address(x, w.i("mad.lo.s32", i, inputWidth, j), xStride, 0, type.bytes())))[0];
        }
    }

    /**
     * {@link #thresholdMask} that also adds the numbers of pixels above a lower and a higher threshold to two 32-bit
     * counters, which the caller has cleared. Parameters: x, x stride, out, output height, output width, input height,
     * input width, scale y, scale x, lower, middle and higher threshold, counters. Any number of blocks does; each
     * thread steps over pixels, and a warp adds to the counters once.
     */
    public static PtxKernel maskStatistics(DType type) {
        PtxWriter w = new PtxWriter(
                "mask_statistics_" + type.label(),
                THREADS,
                "bit i of out = bilinear(x) at pixel i > middle; counters += pixels above low, above high.");
        Logits logits = Logits.parameters(w, type);
        String width = logits.width();
        String low = w.real("low");
        String middle = w.real("middle");
        String high = w.real("high");
        String counters = w.pointer("counters");
        String first = w.globalThread();
        String leader = w.p("setp.eq.s32", w.i("and.b32", first, 31), 0);
        String pixels = w.i("mul.lo.s32", logits.height(), width);
        String lastPixel = w.i("sub.s32", pixels, 1);
        String end = w.i("shl.b32", w.i("shr.u32", w.i("add.s32", pixels, 63), 6), 6);
        String step = w.i("mul.lo.s32", w.i("mov.u32", "%nctaid.x"), THREADS);
        String aboveLow = w.i("mov.u32", 0);
        String aboveHigh = w.i("mov.u32", 0);
        w.loop(
                first,
                end,
                step,
                index -> { // a warp's indices are all below the end or all past it
                    String inside = w.p("setp.lt.s32", index, pixels);
                    String clamped = w.i("min.s32", index, lastPixel);
                    String row = w.i("div.u32", clamped, width);
                    String column = w.i("sub.s32", clamped, w.i("mul.lo.s32", row, width));
                    String value = logits.at(w, row, column);
                    w.op("add.s32", aboveLow, aboveLow, w.i("popc.b32", ballot(w, value, low, inside)));
                    w.op("add.s32", aboveHigh, aboveHigh, w.i("popc.b32", ballot(w, value, high, inside)));
                    String word = ballot(w, value, middle, inside);
                    String at = w.address(logits.bits(), w.i("shr.u32", index, 5), 4);
                    w.when(leader, () -> w.op("st.global.b32", "[" + at + "]", word));
                });
        w.when(leader, () -> {
            w.op("red.global.add.u32", "[" + counters + "]", aboveLow);
            w.op("red.global.add.u32", "[" + counters + "+4]", aboveHigh);
        });
        return w.build();
    }

    private static String ballot(PtxWriter w, String value, String threshold, String inside) {
        String above = w.p("and.pred", w.p("setp.gt.f32", value, threshold), inside);
        return w.i("vote.sync.ballot.b32", above, PtxWriter.ALL_LANES);
    }

    /**
     * Scales an 8-bit RGB picture with the antialiased triangle filter in float32 and normalises: {@code (v / 255 -
     * mean) / std}. Parameters: rgb (input height, input width, 3) bytes, out (height, width, 3), output height, output
     * width, input height, input width, scale y, scale x, mean and std of red, green and blue in turn. One thread per
     * pixel; the grid is over {@code height * width} items.
     */
    public static PtxKernel imageToTensor(DType out) {
        PtxWriter w = new PtxWriter(
                "image_to_tensor_" + out.label(),
                THREADS,
                "(triangle filter of rgb / 255 - mean) / std, float32 arithmetic.");
        String rgb = w.pointer("rgb");
        String y = w.pointer("out");
        String height = w.integer("height");
        String width = w.integer("width");
        String inputHeight = w.integer("input_height");
        String inputWidth = w.integer("input_width");
        String scaleY = w.real("scale_y");
        String scaleX = w.real("scale_x");
        String[] mean = {w.real("mean_r"), w.real("mean_g"), w.real("mean_b")};
        String[] std = {w.real("std_r"), w.real("std_g"), w.real("std_b")};
        String index = w.globalThread();
        w.exitFrom(index, w.i("mul.lo.s32", height, width));
        String row = w.i("div.u32", index, width);
        String column = w.i("sub.s32", index, w.i("mul.lo.s32", row, width));
        String[] values = new Resampling(w)
                .sample(
                        Interpolation.BILINEAR_ANTIALIAS,
                        new Resampling.Axis(row, inputHeight, height, scaleY),
                        new Resampling.Axis(column, inputWidth, width, scaleX),
                        3,
                        (i, j) -> bytes(w, w.address(rgb, w.i("mad.lo.s32", i, inputWidth, j), 3)));
        Elements elements = new Elements(w, out, 1);
        for (int channel = 0; channel < 3; channel++) {
            String at = w.address(y, w.i("mad.lo.s32", index, 3, channel), out.bytes());
            elements.store(at, normal(w, values[channel], mean[channel], std[channel]));
        }
        return w.build();
    }

    private static String normal(PtxWriter w, String value, String mean, String std) {
        String unit = w.f("div.rn.f32", value, PtxWriter.constant(255));
        return w.f("div.rn.f32", w.f("sub.f32", unit, mean), std);
    }

    /**
     * {@link #imageToTensor} of a picture that has the size of the output, with the same parameters and results. Pixels
     * are a multiple of 4 and addresses of 16 bytes; one thread normalises 4 pixels, the grid is over {@code height *
     * width / 4} items.
     */
    public static PtxKernel imageToTensorUnscaled(DType out) {
        PtxWriter w = new PtxWriter(
                "image_to_tensor_unscaled_" + out.label(), THREADS, "(rgb / 255 - mean) / std, float32 arithmetic.");
        String rgb = w.pointer("rgb");
        String y = w.pointer("out");
        String height = w.integer("height");
        String width = w.integer("width");
        w.integer("input_height");
        w.integer("input_width");
        w.real("scale_y");
        w.real("scale_x");
        String[] mean = {w.real("mean_r"), w.real("mean_g"), w.real("mean_b")};
        String[] std = {w.real("std_r"), w.real("std_g"), w.real("std_b")};
        String index = w.globalThread();
        w.exitFrom(index, w.i("shr.u32", w.i("mul.lo.s32", height, width), 2));
        String from = w.address(rgb, index, 12);
        Elements elements = new Elements(w, out, 4);
        for (int word = 0; word < 3; word++) {
            String bytes = w.i("ld.global.b32", "[" + from + "+" + 4 * word + "]");
            String[] values = new String[4];
            for (int i = 0; i < 4; i++) {
                String value = w.f("cvt.rn.f32.u32", w.i("and.b32", w.i("shr.u32", bytes, 8 * i), 255));
                int channel = (4 * word + i) % 3;
                values[i] = normal(w, value, mean[channel], std[channel]);
            }
            elements.store(w.address(y, w.i("mad.lo.s32", index, 12, 4 * word), out.bytes()), values);
        }
        return w.build();
    }

    private static String[] bytes(PtxWriter w, String address) {
        String[] values = new String[3];
        for (int channel = 0; channel < 3; channel++) {
            values[channel] = w.f("cvt.rn.f32.u32", w.i("ld.global.u8", "[" + address + "+" + channel + "]"));
        }
        return values;
    }

    /**
     * One pass of a resampling of 8-bit pictures with integer weights, along either axis: {@code clip8((2^21 + sum_j
     * w_j p_j) >> 22)}. Parameters: x bytes, out bytes, lines, output length, channels (3), then in elements the steps
     * between lines and between samples of x and of out, first (output length) the first tap of each output, count
     * (output length), weights (output length, taps) and taps, all 32-bit integers. One thread per output sample of a
     * line and channel; the grid is over {@code lines * output length * channels} items. The horizontal pass has a line
     * per picture row and sample step 3, the vertical pass a line per column.
     */
    public static PtxKernel resample8Bit() {
        PtxWriter w = new PtxWriter(
                "resample_8bit", THREADS, "One axis of a resampling of bytes with weights scaled by 2^22.");
        String x = w.pointer("x");
        String y = w.pointer("out");
        String lines = w.integer("lines");
        String length = w.integer("length");
        String channels = w.integer("channels");
        String xLine = w.integer("x_line");
        String xSample = w.integer("x_sample");
        String yLine = w.integer("out_line");
        String ySample = w.integer("out_sample");
        String first = w.pointer("first");
        String count = w.pointer("count");
        String weights = w.pointer("weights");
        String taps = w.integer("taps");
        String index = w.globalThread();
        w.exitFrom(index, w.i("mul.lo.s32", w.i("mul.lo.s32", lines, length), channels));
        String pixel = w.i("div.u32", index, channels);
        String channel = w.i("sub.s32", index, w.i("mul.lo.s32", pixel, channels));
        String line = w.i("div.u32", pixel, length);
        String sample = w.i("sub.s32", pixel, w.i("mul.lo.s32", line, length));
        String start = w.i("ld.global.s32", "[" + w.address(first, sample, 4) + "]");
        String end = w.i("ld.global.s32", "[" + w.address(count, sample, 4) + "]");
        String base = w.i("mad.lo.s32", line, xLine, w.i("mad.lo.s32", start, xSample, channel));
        String sum = w.i("mov.u32", 1 << 21);
        w.loop(0, end, 1, tap -> {
            String weight =
                    w.i("ld.global.s32", "[" + w.address(weights, w.i("mad.lo.s32", sample, taps, tap), 4) + "]");
            String value = w.i("ld.global.u8", "[" + w.address(x, w.i("mad.lo.s32", tap, xSample, base), 1) + "]");
            w.op("mad.lo.s32", sum, weight, value, sum);
        });
        String clipped = w.i("min.s32", w.i("max.s32", w.i("shr.s32", sum, 22), 0), 255);
        String to = w.i("mad.lo.s32", line, yLine, w.i("mad.lo.s32", sample, ySample, channel));
        w.op("st.global.u8", "[" + w.address(y, to, 1) + "]", clipped);
        return w.build();
    }
}
