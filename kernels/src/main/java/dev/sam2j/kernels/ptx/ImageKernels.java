package dev.sam2j.kernels.ptx;

/**
 * Operations on pictures (batch, height, width, channels), rows of pixels with a stride between pixels. Unless said
 * otherwise one thread computes {@code width} adjacent channels of one output pixel, width 4 as in
 * {@link ElementwiseKernels}.
 */
public final class ImageKernels {
    private static final int THREADS = 256;

    private ImageKernels() {}

    /** Resampling filters of {@link #interpolate}. */
    public enum Filter {
        /** {@code floor(i * in / out)}. */
        NEAREST,
        /** Two taps per axis, coordinates {@code max(fma(s, i + 0.5, -0.5), 0)} in float32. */
        BILINEAR,
        /** Triangle as wide as the reduction, weights normalised. */
        BILINEAR_ANTIALIAS,
        /** Four taps per axis, a = -0.75, indices clamped. */
        BICUBIC;

        /** Name as it occurs in kernel entries. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Output pixel and channel of a thread, and what addresses need. */
    private record Pixel(String batch, String y, String x, String row, String channel) {}

    /** Finds the output pixel of this thread; threads past the end have been stopped. */
    private static Pixel pixel(PtxWriter w, String batch, String height, String width, String channels, int vector) {
        String index = w.globalThread();
        String perPixel = vector == 1 ? channels : w.i("shr.u32", channels, 2);
        String rows = w.i("mul.lo.s32", w.i("mul.lo.s32", batch, height), width);
        w.exitFrom(index, w.i("mul.lo.s32", rows, perPixel));
        String row = w.i("div.u32", index, perPixel);
        String channel = w.i("sub.s32", index, w.i("mul.lo.s32", row, perPixel));
        String line = w.i("div.u32", row, width);
        String x = w.i("sub.s32", row, w.i("mul.lo.s32", line, width));
        String entry = w.i("div.u32", line, height);
        String y = w.i("sub.s32", line, w.i("mul.lo.s32", entry, height));
        return new Pixel(entry, y, x, row, vector == 1 ? channel : w.i("shl.b32", channel, 2));
    }

    /** Row of pixel (y, x) of a batch entry. */
    private static String rowOf(PtxWriter w, String batch, String height, String width, String y, String x) {
        return w.i("mad.lo.s32", w.i("mad.lo.s32", batch, height, y), width, x);
    }

    /**
     * Largest of each 2x2 cell. Parameters: x, x stride, out, out stride, batch, output height, output width, channels.
     * The grid is over {@code batch * height * width * channels / width} items of the output.
     */
    public static PtxKernel maxPool2d(ElementType type, int vector) {
        PtxWriter w = new PtxWriter(
                "max_pool2d_" + type.label() + "_w" + vector,
                THREADS,
                "x (B, 2H, 2W, C), out (B, H, W, C): the largest of each 2x2 cell.");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String batch = w.integer("batch");
        String height = w.integer("height");
        String width = w.integer("width");
        String channels = w.integer("channels");
        Pixel p = pixel(w, batch, height, width, channels, vector);
        String inputWidth = w.i("shl.b32", width, 1);
        String first = rowOf(
                w, p.batch, w.i("shl.b32", height, 1), inputWidth, w.i("shl.b32", p.y, 1), w.i("shl.b32", p.x, 1));
        String below = w.i("add.s32", first, inputWidth);
        Elements elements = new Elements(w, type, vector);
        String[] best = null;
        for (String row : new String[] {first, w.i("add.s32", first, 1), below, w.i("add.s32", below, 1)}) {
            String[] values = elements.load(w.address(x, row, xStride, p.channel, type.bytes()));
            for (int i = 0; i < vector && best != null; i++) {
                values[i] = w.f("max.f32", best[i], values[i]);
            }
            best = values;
        }
        elements.store(w.address(y, p.row, yStride, p.channel, type.bytes()), best);
        return w.build();
    }

    /**
     * One kernel per channel with zero padding. Parameters: x, x stride, weight (kernel, kernel, channels) float32,
     * bias (channels) float32, out, out stride, batch, output height, output width, channels, input height, input
     * width, kernel, step, padding.
     */
    public static PtxKernel depthwiseConv2d(ElementType type, int vector) {
        PtxWriter w = new PtxWriter(
                "depthwise_conv2d_" + type.label() + "_w" + vector,
                THREADS,
                "x (B, H, W, C), weight (K, K, C), bias (C), out (B, H', W', C); float32 accumulation, zero padding.");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String weight = w.pointer("weight");
        String bias = w.pointer("bias");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String batch = w.integer("batch");
        String height = w.integer("height");
        String width = w.integer("width");
        String channels = w.integer("channels");
        Geometry geometry = new Geometry(w);
        Pixel p = pixel(w, batch, height, width, channels, vector);
        Elements parameters = new Elements(w, ElementType.F32, vector);
        Elements elements = new Elements(w, type, vector);
        String[] sums = parameters.load(w.address(bias, p.channel, 4));
        geometry.taps(p, (tap, row) -> {
            String[] factors = parameters.load(w.address(weight, tap, channels, p.channel, 4));
            String[] values = elements.load(w.address(x, row, xStride, p.channel, type.bytes()));
            for (int i = 0; i < vector; i++) {
                w.op("fma.rn.f32", sums[i], values[i], factors[i], sums[i]);
            }
        });
        elements.store(w.address(y, p.row, yStride, p.channel, type.bytes()), sums);
        return w.build();
    }

    /** What is done at each tap of a convolution that lies inside the picture. */
    private interface Tap {
        void at(String tap, String row);
    }

    /** Parameters of a square convolution. */
    private static final class Geometry {
        private final PtxWriter w;
        private final String height;
        private final String width;
        private final String kernel;
        private final String step;
        private final String padding;

        Geometry(PtxWriter w) {
            this.w = w;
            height = w.integer("input_height");
            width = w.integer("input_width");
            kernel = w.integer("kernel");
            step = w.integer("step");
            padding = w.integer("padding");
        }

        void taps(Pixel p, Tap tap) {
            String top = w.i("sub.s32", w.i("mul.lo.s32", p.y, step), padding);
            String left = w.i("sub.s32", w.i("mul.lo.s32", p.x, step), padding);
            w.loop(0, kernel, 1, i -> {
                String y = w.i("add.s32", top, i);
                String nextRow = w.label();
                w.jumpIf(w.p("setp.ge.u32", y, height), nextRow); // unsigned: negative rows are large
                w.loop(0, kernel, 1, j -> {
                    String x = w.i("add.s32", left, j);
                    String next = w.label();
                    w.jumpIf(w.p("setp.ge.u32", x, width), next);
                    tap.at(w.i("mad.lo.s32", i, kernel, j), rowOf(w, p.batch, height, width, y, x));
                    w.place(next);
                });
                w.place(nextRow);
            });
        }
    }

    /**
     * Gathers the inputs of a convolution: out row {@code (b, y, x)} holds
     * {@code (kernel row, kernel column, channel)}, zero where the kernel reaches over the border, so a product with
     * the packed weights is the convolution. Columns from {@code kernel * kernel * channels} to the padded length are
     * zero as well. Parameters: x, x stride, out, out stride, batch, output height, output width, padded columns,
     * channels, input height, input width, kernel, step, padding. One thread per output element; the grid is over
     * {@code batch * height * width * padded columns} items.
     */
    public static PtxKernel im2col(ElementType in, ElementType out) {
        PtxWriter w = new PtxWriter(
                "im2col_" + in.label() + "_" + out.label(),
                THREADS,
                "out (B*H'*W', K*K*C padded) = the inputs of each output pixel of a convolution.");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String batch = w.integer("batch");
        String height = w.integer("height");
        String width = w.integer("width");
        String columns = w.integer("columns");
        String channels = w.integer("channels");
        Geometry g = new Geometry(w);
        Pixel p = pixel(w, batch, height, width, columns, 1);
        String tap = w.i("div.u32", p.channel, channels);
        String channel = w.i("sub.s32", p.channel, w.i("mul.lo.s32", tap, channels));
        String i = w.i("div.u32", tap, g.kernel);
        String j = w.i("sub.s32", tap, w.i("mul.lo.s32", i, g.kernel));
        String row = w.i("add.s32", w.i("sub.s32", w.i("mul.lo.s32", p.y, g.step), g.padding), i);
        String column = w.i("add.s32", w.i("sub.s32", w.i("mul.lo.s32", p.x, g.step), g.padding), j);
        String inside = w.p("and.pred", w.p("setp.lt.u32", row, g.height), w.p("setp.lt.u32", column, g.width));
        String exists = w.p("and.pred", inside, w.p("setp.lt.u32", i, g.kernel));
        String from = w.address(x, rowOf(w, p.batch, g.height, g.width, row, column), xStride, channel, in.bytes());
        String value = w.f("mov.f32", PtxWriter.constant(0));
        String end = w.label();
        w.jumpUnless(exists, end);
        w.op("mov.f32", value, new Elements(w, in, 1).load(from)[0]);
        w.place(end);
        new Elements(w, out, 1).store(w.address(y, p.row, yStride, p.channel, out.bytes()), value);
        return w.build();
    }

    /**
     * Resamples pictures. Parameters: x, x stride, out, out stride, batch, output height, output width, channels, input
     * height, input width, and the float32 quotients input/output of heights and widths.
     */
    public static PtxKernel interpolate(ElementType type, Filter filter, int vector) {
        PtxWriter w = new PtxWriter(
                "interpolate_" + filter.label() + "_" + type.label() + "_w" + vector,
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
        Pixel p = pixel(w, batch, height, width, channels, vector);
        Elements elements = new Elements(w, type, vector);
        Resampling.Source source = (row, column) -> elements.load(w.address(
                x, rowOf(w, p.batch, inputHeight, inputWidth, row, column), xStride, p.channel, type.bytes()));
        Resampling.Axis vertical = new Resampling.Axis(p.y, inputHeight, height, scaleY);
        Resampling.Axis horizontal = new Resampling.Axis(p.x, inputWidth, width, scaleX);
        String[] result = new Resampling(w).sample(filter, vertical, horizontal, vector, source);
        elements.store(w.address(y, p.row, yStride, p.channel, type.bytes()), result);
        return w.build();
    }

    /**
     * Bilinear resampling of one logit map and comparison: bit i is set where pixel i exceeds the threshold.
     * Parameters: x (input height, input width), x stride between pixels, out (64-bit words, filled completely), output
     * height, output width, input height, input width, scale y, scale x, threshold. The grid is over
     * {@code ceil(height * width / 64) * 64} items.
     */
    public static PtxKernel thresholdMask(ElementType type) {
        PtxWriter w = new PtxWriter(
                "threshold_mask_" + type.label(),
                THREADS,
                "bit i of out = bilinear(x) at pixel i > threshold; a warp writes 32 bits.");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String bits = w.pointer("out");
        String height = w.integer("height");
        String width = w.integer("width");
        String inputHeight = w.integer("input_height");
        String inputWidth = w.integer("input_width");
        String scaleY = w.real("scale_y");
        String scaleX = w.real("scale_x");
        String threshold = w.real("threshold");
        String index = w.globalThread();
        String pixels = w.i("mul.lo.s32", height, width);
        String inside = w.p("setp.lt.s32", index, pixels);
        String clamped = w.i("min.s32", index, w.i("sub.s32", pixels, 1)); // all lanes of the last warp must vote
        String row = w.i("div.u32", clamped, width);
        String column = w.i("sub.s32", clamped, w.i("mul.lo.s32", row, width));
        Elements elements = new Elements(w, type, 1);
        String value = new Resampling(w)
                .sample(
                        Filter.BILINEAR,
                        new Resampling.Axis(row, inputHeight, height, scaleY),
                        new Resampling.Axis(column, inputWidth, width, scaleX),
                        1,
                        (i, j) -> elements.load(
                                w.address(x, w.i("mad.lo.s32", i, inputWidth, j), xStride, 0, type.bytes())))[0];
        String above = w.p("and.pred", w.p("setp.gt.f32", value, threshold), inside);
        String word = w.i("vote.sync.ballot.b32", above, PtxWriter.ALL_LANES);
        String words = w.i("shl.b32", w.i("shr.u32", w.i("add.s32", pixels, 63), 6), 1);
        String position = w.i("shr.u32", index, 5);
        String leader = w.p("setp.eq.s32", w.i("and.b32", index, 31), 0);
        String writes = w.p("and.pred", leader, w.p("setp.lt.s32", position, words));
        String at = w.address(bits, position, 4);
        w.when(writes, () -> w.op("st.global.b32", "[" + at + "]", word));
        return w.build();
    }

    /**
     * Scales an 8-bit RGB picture with the antialiased triangle filter in float32 and normalises:
     * {@code (v / 255 - mean) / std}. Parameters: rgb (input height, input width, 3) bytes, out (height, width, 3),
     * output height, output width, input height, input width, scale y, scale x, mean and std of red, green and blue in
     * turn. One thread per pixel; the grid is over {@code height * width} items.
     */
    public static PtxKernel imageToTensor(ElementType out) {
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
                        Filter.BILINEAR_ANTIALIAS,
                        new Resampling.Axis(row, inputHeight, height, scaleY),
                        new Resampling.Axis(column, inputWidth, width, scaleX),
                        3,
                        (i, j) -> bytes(w, w.address(rgb, w.i("mad.lo.s32", i, inputWidth, j), 3)));
        Elements elements = new Elements(w, out, 1);
        for (int channel = 0; channel < 3; channel++) {
            String unit = w.f("div.rn.f32", values[channel], PtxWriter.constant(255));
            String centred = w.f("sub.f32", unit, mean[channel]);
            String at = w.address(y, w.i("mad.lo.s32", index, 3, channel), out.bytes());
            elements.store(at, w.f("div.rn.f32", centred, std[channel]));
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
     * One pass of a resampling of 8-bit pictures with integer weights, along either axis:
     * {@code clip8((2^21 + sum_j w_j p_j) >> 22)}. Parameters: x bytes, out bytes, lines, output length, channels (3),
     * then in elements the steps between lines and between samples of x and of out, first (output length) the first tap
     * of each output, count (output length), weights (output length, taps) and taps, all 32-bit integers. One thread
     * per output sample of a line and channel; the grid is over {@code lines * output length * channels} items. The
     * horizontal pass has a line per picture row and sample step 3, the vertical pass a line per column.
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
