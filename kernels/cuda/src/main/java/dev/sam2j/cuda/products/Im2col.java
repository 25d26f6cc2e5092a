package dev.sam2j.cuda.products;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.ptx.ConvolutionWindow;
import dev.sam2j.cuda.ptx.Elements;
import dev.sam2j.cuda.ptx.OutputPixel;
import dev.sam2j.cuda.ptx.PictureSize;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Tensor;

/**
 * Gathers the inputs of a convolution: out row {@code (b, y, x)} holds {@code (kernel row, kernel column, channel)},
 * zero where the kernel reaches over the border, so a product with the packed weights is the convolution. Columns from
 * {@code kernel * kernel * channels} to the padded length are zero as well.
 */
final class Im2col {
    private static final int THREADS = 256;

    private Im2col() {}

    /**
     * Queues the gathering of some batch entries.
     *
     * @param pixels of x, of all entries
     * @param y result of the convolution
     */
    static void run(
            CudaDevice device,
            DeviceMatrix pixels,
            Tensor x,
            int first,
            int count,
            Conv2dSpec spec,
            Tensor y,
            DeviceMatrix out) {
        DeviceMatrix part = pixels.rows(first * x.dim(1) * x.dim(2), count * x.dim(1) * x.dim(2));
        Kernel kernel = new Kernel(Access.of(part, out), part.type(), out.type());
        device.launch(kernel)
                .matrix("x", part)
                .matrix("out", out)
                .output(count, y)
                .integer("columns", out.columns())
                .integer("channels", x.cols())
                .window(x, spec)
                .over((long) out.rows() * out.columns() / kernel.perThread());
    }

    /** What a thread moves. */
    enum Access {
        /** One element. */
        ELEMENTS("", " padded", ""),
        /**
         * 16 bytes of out. The pixels follow each other without gaps, so that a row of the kernel is one piece of the
         * picture; padded columns and the rows of out are multiples of 16 bytes.
         */
        PIXELS("pixels_", " padded", ", pixels adjacent"),
        /** 8 channels of a pixel: channels, strides and addresses are multiples of 8 elements and 16 bytes. */
        CHANNELS("channels_", "", ", 8 channels per thread");

        private final String label;
        private final String columns;
        private final String note;

        Access(String label, String columns, String note) {
            this.label = label;
            this.columns = columns;
            this.note = note;
        }

        static Access of(DeviceMatrix pixels, DeviceMatrix out) {
            if (DeviceMatrix.inEights(pixels, out)) {
                return CHANNELS;
            }
            return pixels.contiguous() && out.rowsAt(16) ? PIXELS : ELEMENTS;
        }
    }

    /** A kernel; the grid is over {@code batch * height * width * columns / perThread} items. */
    record Kernel(Access access, DType in, DType out) implements PtxSource {
        int perThread() {
            return switch (access) {
                case ELEMENTS -> 1;
                case PIXELS -> 16 / out.bytes();
                case CHANNELS -> 8;
            };
        }

        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "im2col_" + access.label + in.label() + "_" + out.label(),
                    THREADS,
                    "out (B*H'*W', K*K*C" + access.columns + ") = the inputs of each output pixel of a convolution"
                            + access.note + ".");
            PtxMatrix x = PtxMatrix.parameter(w, "x", in);
            PtxMatrix y = PtxMatrix.parameter(w, "out", out);
            PictureSize size = PictureSize.parameters(w, "columns");
            String channels = w.integer("channels");
            ConvolutionWindow g = ConvolutionWindow.parameters(w);
            OutputPixel p = size.pixel(perThread());
            String[] values = access == Access.PIXELS ? pixels(x, channels, g, p) : gathered(x, channels, g, p);
            y.store(p.row(), p.channel(), values);
            return w.build();
        }

        private String[] gathered(PtxMatrix x, String channels, ConvolutionWindow g, OutputPixel p) {
            PtxWriter w = x.w();
            String tap = w.i("div.u32", p.channel(), channels);
            String channel = w.i("sub.s32", p.channel(), w.i("mul.lo.s32", tap, channels));
            String i = w.i("div.u32", tap, g.kernel());
            String j = w.i("sub.s32", tap, w.i("mul.lo.s32", i, g.kernel()));
            String row = w.i("add.s32", g.start(p.y()), i);
            String column = w.i("add.s32", g.start(p.x()), j);
            String inside = w.p("and.pred", w.p("setp.lt.u32", row, g.height()), w.p("setp.lt.u32", column, g.width()));
            String exists = w.p("and.pred", inside, w.p("setp.lt.u32", i, g.kernel()));
            String from = x.at(OutputPixel.rowOf(w, p.batch(), g.height(), g.width(), row, column), channel);
            return new Elements(w, in, perThread()).loadIf(exists, from);
        }

        private String[] pixels(PtxMatrix x, String channels, ConvolutionWindow g, OutputPixel p) {
            PtxWriter w = x.w();
            String length = w.i("mul.lo.s32", g.kernel(), channels);
            String line = w.i("mul.lo.s32", g.width(), channels);
            String picture = w.address(x.base(), p.batch(), w.i("mul.lo.s32", g.height(), line), 0, in.bytes());
            String i = w.i("div.u32", p.channel(), length);
            String left = w.i("mul.lo.s32", g.start(p.x()), channels);
            String column = w.i("add.s32", left, w.i("sub.s32", p.channel(), w.i("mul.lo.s32", i, length)));
            String end = w.i("add.s32", left, length);
            String row = w.i("add.s32", g.start(p.y()), i);
            String last = w.i("add.s32", w.i("sub.s32", row, i), g.kernel());
            String limit = w.i("max.s32", w.i("min.s32", last, g.height()), 0); // rows past the kernel are zeros, too
            Elements source = new Elements(w, in, 1);
            String[] values = new String[perThread()];
            for (int element = 0; element < values.length; element++) {
                String exists = w.p("and.pred", w.p("setp.lt.u32", row, limit), w.p("setp.lt.u32", column, line));
                String at = w.address(picture, w.i("mad.lo.s32", row, line, column), in.bytes());
                values[element] = source.loadIf(exists, at)[0];
                w.op("add.s32", column, column, 1);
                w.when(w.p("setp.eq.s32", column, end), () -> {
                    w.op("mov.u32", column, left);
                    w.op("add.s32", row, row, 1);
                });
            }
            return values;
        }
    }
}
