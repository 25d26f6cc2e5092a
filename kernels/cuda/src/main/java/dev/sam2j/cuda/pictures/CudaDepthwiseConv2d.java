package dev.sam2j.cuda.pictures;

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

/** {@link dev.sam2j.tensor.Backend#depthwiseConv2d}. */
public final class CudaDepthwiseConv2d {
    /** Size of the kernels that are computed in strips of pixels. */
    private static final int STRIP_KERNEL = 7;

    private CudaDepthwiseConv2d() {}

    /** Queues the operation. */
    public static void run(
            CudaDevice device, Tensor x, Tensor weight, Tensor bias, Conv2dSpec spec, Tensor destination) {
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix from = device.matrix(x, to.type());
        DeviceMatrix factors = device.contiguous(weight, DType.F32);
        DeviceMatrix shifts = device.vector(bias);
        int width = DeviceMatrix.width(from, factors, shifts, to);
        boolean strips = width == 4 && spec.kernel() == STRIP_KERNEL && spec.stride() == 1;
        device.launch(strips ? new Strips(to.type(), STRIP_KERNEL) : new Kernel(to.type(), width))
                .matrix("x", from)
                .pointer("weight", factors)
                .pointer("bias", shifts)
                .matrix("out", to)
                .output(destination.dim(0), destination)
                .integer("channels", to.columns())
                .window(x, spec)
                .over(
                        strips
                                ? Strips.threads(
                                        destination.dim(0), destination.dim(1), destination.dim(2), to.columns())
                                : (long) to.rows() * to.columns() / width);
    }

    /**
     * One kernel per channel with zero padding, weight (kernel, kernel, channels) and bias (channels) in float32. One
     * thread computes {@code vector} adjacent channels of one output pixel.
     */
    public record Kernel(DType type, int vector) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = writer("depthwise_conv2d_" + type.label() + "_w" + vector, OutputPixel.THREADS);
            PtxMatrix x = PtxMatrix.parameter(w, "x", type);
            String weight = w.pointer("weight");
            String bias = w.pointer("bias");
            PtxMatrix y = PtxMatrix.parameter(w, "out", type);
            PictureSize size = PictureSize.parameters(w, "channels");
            ConvolutionWindow g = ConvolutionWindow.parameters(w);
            OutputPixel p = size.pixel(vector);
            Elements parameters = new Elements(w, DType.F32, vector);
            String[] sums = parameters.load(w.address(bias, p.channel(), 4));
            g.taps(p, (tap, row) -> {
                String[] factors = parameters.load(w.address(weight, tap, size.last(), p.channel(), 4));
                String[] values = x.load(row, p.channel(), vector);
                for (int i = 0; i < vector; i++) {
                    w.op("fma.rn.f32", sums[i], values[i], factors[i], sums[i]);
                }
            });
            y.store(p.row(), p.channel(), sums);
            return w.build();
        }
    }

    private static PtxWriter writer(String entry, int threads) {
        return new PtxWriter(
                entry,
                threads,
                "x (B, H, W, C), weight (K, K, C), bias (C), out (B, H', W', C); float32 accumulation, zero padding.");
    }

    /**
     * {@link Kernel} for step 1: one thread computes 2 channels of a strip of output pixels, for which it reads every
     * input of a line once. Accesses are of two elements.
     *
     * @param taps the size of the kernel, rows and columns
     */
    public record Strips(DType type, int taps) implements PtxSource {
        /** Output pixels along x of a thread. */
        private static final int STRIP = 8;
        /** Lines of output whose threads are neighbours, so that they find each other's inputs in the L1 cache. */
        private static final int LINES = 4;

        private static final int THREADS = 512;

        @Override
        public PtxKernel write() {
            PtxWriter w = writer("depthwise_conv2d_strips_" + type.label() + "_k" + taps, THREADS);
            PtxMatrix x = PtxMatrix.parameter(w, "x", type);
            String weight = w.pointer("weight");
            String bias = w.pointer("bias");
            PtxMatrix y = PtxMatrix.parameter(w, "out", type);
            PictureSize size = PictureSize.parameters(w, "channels");
            ConvolutionWindow g = ConvolutionWindow.parameters(w);
            Strip at = Strip.of(w, size.batch(), size.height(), size.width(), size.last());
            String left = w.i("sub.s32", at.x, g.padding());
            String top = w.i("sub.s32", at.y, g.padding());
            Elements parameters = new Elements(w, DType.F32, 2);
            Elements elements = new Elements(w, type, 2);
            String[][] sums = new String[STRIP][];
            sums[0] = parameters.load(w.address(bias, at.channel, 4));
            for (int pixel = 1; pixel < STRIP; pixel++) {
                sums[pixel] = new String[] {w.f("mov.f32", sums[0][0]), w.f("mov.f32", sums[0][1])};
            }
            String factorAt = w.address(weight, at.channel, 4);
            String nextFactor = w.l("mul.wide.u32", size.last(), 4);
            String nextPixel = w.l("mul.wide.u32", x.stride(), type.bytes());
            String channel = w.address(x.base(), at.channel, type.bytes());
            for (int i = 0; i < taps; i++) {
                String row = w.i("add.s32", top, i);
                String limit = w.i("selp.s32", g.width(), 0, w.p("setp.lt.u32", row, g.height()));
                String pixel = OutputPixel.rowOf(w, at.batch, g.height(), g.width(), row, left);
                String inputAt = w.l("mad.lo.s64", w.l("cvt.s64.s32", pixel), nextPixel, channel);
                String[][] inputs = new String[STRIP + taps - 1][];
                for (int j = 0; j < inputs.length; j++) {
                    // unsigned: what is left of the picture is large
                    String exists = w.p("setp.lt.u32", w.i("add.s32", left, j), limit);
                    inputs[j] = elements.loadIf(exists, inputAt);
                    w.op("add.s64", inputAt, inputAt, nextPixel);
                }
                for (int j = 0; j < taps; j++) {
                    String[] factors = parameters.load(factorAt);
                    w.op("add.s64", factorAt, factorAt, nextFactor);
                    for (int k = 0; k < STRIP; k++) {
                        w.op("fma.rn.f32", sums[k][0], inputs[k + j][0], factors[0], sums[k][0]);
                        w.op("fma.rn.f32", sums[k][1], inputs[k + j][1], factors[1], sums[k][1]);
                    }
                }
            }
            String first = OutputPixel.rowOf(w, at.batch, size.height(), size.width(), at.y, at.x);
            for (int k = 0; k < STRIP; k++) {
                String[] values = sums[k];
                String to = y.at(w.i("add.s32", first, k), at.channel);
                w.when(w.p("setp.lt.s32", w.i("add.s32", at.x, k), size.width()), () -> elements.store(to, values));
            }
            return w.build();
        }

        /** Threads for an output. */
        public static long threads(int batch, int height, int width, int channels) {
            long strips = (long) (width + STRIP - 1) / STRIP * ((height + LINES - 1) / LINES) * LINES;
            return batch * strips * (channels / 2);
        }

        /** The output of a thread: 2 channels from a pixel on. */
        private record Strip(String batch, String y, String x, String channel) {
            /** Channels change fastest, then the lines of a group, strips of a line, groups, batch entries. */
            static Strip of(PtxWriter w, String batch, String height, String width, String channels) {
                String index = w.globalThread();
                String pairs = w.i("shr.u32", channels, 1);
                String strips = w.i("div.u32", w.i("add.s32", width, STRIP - 1), STRIP);
                String groups = w.i("div.u32", w.i("add.s32", height, LINES - 1), LINES);
                String rest = w.i("div.u32", index, pairs);
                String channel = w.i("shl.b32", w.i("sub.s32", index, w.i("mul.lo.s32", rest, pairs)), 1);
                String line = w.i("rem.u32", rest, LINES);
                rest = w.i("div.u32", rest, LINES);
                String strip = w.i("rem.u32", rest, strips);
                rest = w.i("div.u32", rest, strips);
                String entry = w.i("div.u32", rest, groups);
                String group = w.i("sub.s32", rest, w.i("mul.lo.s32", entry, groups));
                w.exitFrom(entry, batch);
                String y = w.i("mad.lo.s32", group, LINES, line);
                w.exitFrom(y, height);
                return new Strip(entry, y, w.i("mul.lo.s32", strip, STRIP), channel);
            }
        }
    }
}
