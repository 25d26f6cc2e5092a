package dev.sam2j.cuda.ptx;

import dev.sam2j.tensor.DType;

/**
 * Convolutions and pooling of pictures (batch, height, width, channels), rows of pixels with a stride between pixels.
 * Unless said otherwise one thread computes 1 or 4 adjacent channels of one output pixel, 4 as in {@link
 * ElementwiseKernels}.
 */
public final class ConvolutionKernels {
    private static final int THREADS = 256;

    private ConvolutionKernels() {}

    /**
     * Largest of each 2x2 cell. Parameters: x, x stride, out, out stride, batch, output height, output width, channels.
     * The grid is over {@code batch * height * width * channels / width} items of the output.
     */
    public static PtxKernel maxPool2d(DType type, int vector) {
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
        OutputPixel p = OutputPixel.of(w, batch, height, width, channels, vector);
        String inputWidth = w.i("shl.b32", width, 1);
        String first = OutputPixel.rowOf(
                w,
                p.batch(),
                w.i("shl.b32", height, 1),
                inputWidth,
                w.i("shl.b32", p.y(), 1),
                w.i("shl.b32", p.x(), 1));
        String below = w.i("add.s32", first, inputWidth);
        Elements elements = new Elements(w, type, vector);
        String[] best = null;
        for (String row : new String[] {first, w.i("add.s32", first, 1), below, w.i("add.s32", below, 1)}) {
            String[] values = elements.load(w.address(x, row, xStride, p.channel(), type.bytes()));
            for (int i = 0; i < vector && best != null; i++) {
                values[i] = w.f("max.f32", best[i], values[i]);
            }
            best = values;
        }
        elements.store(w.address(y, p.row(), yStride, p.channel(), type.bytes()), best);
        return w.build();
    }

    /**
     * One kernel per channel with zero padding. Parameters: x, x stride, weight (kernel, kernel, channels) float32,
     * bias (channels) float32, out, out stride, batch, output height, output width, channels, input height, input
     * width, kernel, step, padding.
     */
    public static PtxKernel depthwiseConv2d(DType type, int vector) {
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
        OutputPixel p = OutputPixel.of(w, batch, height, width, channels, vector);
        Elements parameters = new Elements(w, DType.F32, vector);
        Elements elements = new Elements(w, type, vector);
        String[] sums = parameters.load(w.address(bias, p.channel(), 4));
        geometry.taps(p, (tap, row) -> {
            String[] factors = parameters.load(w.address(weight, tap, channels, p.channel(), 4));
            String[] values = elements.load(w.address(x, row, xStride, p.channel(), type.bytes()));
            for (int i = 0; i < vector; i++) {
                w.op("fma.rn.f32", sums[i], values[i], factors[i], sums[i]);
            }
        });
        elements.store(w.address(y, p.row(), yStride, p.channel(), type.bytes()), sums);
        return w.build();
    }

    /**
     * Gathers the inputs of a convolution: out row {@code (b, y, x)} holds {@code (kernel row, kernel column,
     * channel)}, zero where the kernel reaches over the border, so a product with the packed weights is the
     * convolution. Columns from {@code kernel * kernel * channels} to the padded length are zero as well. Parameters:
     * x, x stride, out, out stride, batch, output height, output width, padded columns, channels, input height, input
     * width, kernel, step, padding. One thread per output element; the grid is over {@code batch * height * width *
     * padded columns} items.
     */
    public static PtxKernel im2col(DType in, DType out) {
        PtxWriter w = new PtxWriter(
                "im2col_" + in.label() + "_" + out.label(),
                THREADS,
                "out (B*H'*W', K*K*C padded) = the inputs of each output pixel of a convolution.");
        return gather(w, in, out, 1);
    }

    private static PtxKernel gather(PtxWriter w, DType in, DType out, int vector) {
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
        OutputPixel p = OutputPixel.of(w, batch, height, width, columns, vector);
        String tap = w.i("div.u32", p.channel(), channels);
        String channel = w.i("sub.s32", p.channel(), w.i("mul.lo.s32", tap, channels));
        String i = w.i("div.u32", tap, g.kernel);
        String j = w.i("sub.s32", tap, w.i("mul.lo.s32", i, g.kernel));
        String row = w.i("add.s32", w.i("sub.s32", w.i("mul.lo.s32", p.y(), g.step), g.padding), i);
        String column = w.i("add.s32", w.i("sub.s32", w.i("mul.lo.s32", p.x(), g.step), g.padding), j);
        String inside = w.p("and.pred", w.p("setp.lt.u32", row, g.height), w.p("setp.lt.u32", column, g.width));
        String exists = w.p("and.pred", inside, w.p("setp.lt.u32", i, g.kernel));
        String from = w.address(
                x, OutputPixel.rowOf(w, p.batch(), g.height, g.width, row, column), xStride, channel, in.bytes());
        String[] values = new Elements(w, in, vector).loadIf(exists, from);
        new Elements(w, out, vector).store(w.address(y, p.row(), yStride, p.channel(), out.bytes()), values);
        return w.build();
    }

    /** Elements that a thread of {@link #im2colPixels} writes: 16 bytes. */
    public static int im2colChunk(DType out) {
        return 16 / out.bytes();
    }

    /**
     * {@link #im2col} of pixels that follow each other without gaps, so that a row of the kernel is one piece of the
     * picture. Parameters are the same, {@code padded columns} and the rows of out must be multiples of 16 bytes. One
     * thread writes 16 bytes; the grid is over {@code batch * height * width * padded columns} / {@link #im2colChunk}
     * items.
     */
    public static PtxKernel im2colPixels(DType in, DType out) {
        PtxWriter w = new PtxWriter(
                "im2col_pixels_" + in.label() + "_" + out.label(),
                THREADS,
                "out (B*H'*W', K*K*C padded) = the inputs of each output pixel of a convolution, pixels adjacent.");
        String x = w.pointer("x");
        w.integer("x_stride");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String batch = w.integer("batch");
        String height = w.integer("height");
        String width = w.integer("width");
        String columns = w.integer("columns");
        String channels = w.integer("channels");
        Geometry g = new Geometry(w);
        int chunk = im2colChunk(out);
        OutputPixel p = OutputPixel.of(w, batch, height, width, columns, chunk);
        String length = w.i("mul.lo.s32", g.kernel, channels);
        String line = w.i("mul.lo.s32", g.width, channels);
        String picture = w.address(x, p.batch(), w.i("mul.lo.s32", g.height, line), 0, in.bytes());
        String i = w.i("div.u32", p.channel(), length);
        String left = w.i("mul.lo.s32", w.i("sub.s32", w.i("mul.lo.s32", p.x(), g.step), g.padding), channels);
        String column = w.i("add.s32", left, w.i("sub.s32", p.channel(), w.i("mul.lo.s32", i, length)));
        String end = w.i("add.s32", left, length);
        String row = w.i("add.s32", w.i("sub.s32", w.i("mul.lo.s32", p.y(), g.step), g.padding), i);
        String last = w.i("add.s32", w.i("sub.s32", row, i), g.kernel);
        String limit = w.i("max.s32", w.i("min.s32", last, g.height), 0); // rows past the kernel are zeros, too
        Elements source = new Elements(w, in, 1);
        String[] values = new String[chunk];
        for (int element = 0; element < chunk; element++) {
            String exists = w.p("and.pred", w.p("setp.lt.u32", row, limit), w.p("setp.lt.u32", column, line));
            String at = w.address(picture, w.i("mad.lo.s32", row, line, column), in.bytes());
            values[element] = source.loadIf(exists, at)[0];
            w.op("add.s32", column, column, 1);
            w.when(w.p("setp.eq.s32", column, end), () -> {
                w.op("mov.u32", column, left);
                w.op("add.s32", row, row, 1);
            });
        }
        new Elements(w, out, chunk).store(w.address(y, p.row(), yStride, p.channel(), out.bytes()), values);
        return w.build();
    }

    /**
     * {@link #im2col} of pixels whose channels, stride and address are multiples of 8 elements and 16 bytes, as are
     * those of out. Parameters are the same. One thread copies 8 channels; the grid is over {@code batch * height *
     * width * padded columns / 8} items.
     */
    public static PtxKernel im2colChannels(DType in, DType out) {
        PtxWriter w = new PtxWriter(
                "im2col_channels_" + in.label() + "_" + out.label(),
                THREADS,
                "out (B*H'*W', K*K*C) = the inputs of each output pixel of a convolution, 8 channels per thread.");
        return gather(w, in, out, 8);
    }

    /** What is done at each tap of a convolution that lies inside the picture. */
    private interface Tap {
        void at(String tap, String row);
    }

    /** Parameters of a square convolution. */
    public static final class Geometry {
        private final PtxWriter w;
        private final String height;
        private final String width;
        private final String kernel;
        private final String step;
        private final String padding;

        /** Declares the parameters. */
        public Geometry(PtxWriter w) {
            this.w = w;
            height = w.integer("input_height");
            width = w.integer("input_width");
            kernel = w.integer("kernel");
            step = w.integer("step");
            padding = w.integer("padding");
        }

        /** Rows of the input. */
        public String height() {
            return height;
        }

        /** Columns of the input. */
        public String width() {
            return width;
        }

        /** The stride. */
        public String step() {
            return step;
        }

        /** Zeros around the input on each side. */
        public String padding() {
            return padding;
        }

        void taps(OutputPixel p, Tap tap) {
            String top = w.i("sub.s32", w.i("mul.lo.s32", p.y(), step), padding);
            String left = w.i("sub.s32", w.i("mul.lo.s32", p.x(), step), padding);
            w.loop(0, kernel, 1, i -> {
                String y = w.i("add.s32", top, i);
                String nextRow = w.label();
                w.jumpIf(w.p("setp.ge.u32", y, height), nextRow); // unsigned: negative rows are large
                w.loop(0, kernel, 1, j -> {
                    String x = w.i("add.s32", left, j);
                    String next = w.label();
                    w.jumpIf(w.p("setp.ge.u32", x, width), next);
                    tap.at(w.i("mad.lo.s32", i, kernel, j), OutputPixel.rowOf(w, p.batch(), height, width, y, x));
                    w.place(next);
                });
                w.place(nextRow);
            });
        }
    }
}
