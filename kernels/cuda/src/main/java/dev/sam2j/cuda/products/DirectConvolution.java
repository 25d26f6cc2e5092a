package dev.sam2j.cuda.products;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.CudaMatrix;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.ptx.ConvolutionWindow;
import dev.sam2j.cuda.ptx.Elements;
import dev.sam2j.cuda.ptx.OutputPixel;
import dev.sam2j.cuda.ptx.PictureSize;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Tensor;

/**
 * Convolution of pictures of few channels to few in one kernel, without gathered inputs: where a product would have
 * short rows and few columns, most of its time would go into memory. One thread computes 4 output channels of 2
 * adjacent pixels.
 */
final class DirectConvolution {
    private static final int KERNEL = 3;
    private static final int MAX_OUTPUTS = 16;
    private static final int THREADS = 128;
    private static final int PIXELS = 2;
    private static final int OUTPUTS = 4;
    /** Weights of an output that are loaded at a time. */
    private static final int CHUNK = 8;

    private DirectConvolution() {}

    /** Queues a convolution, or returns false if it is not one of these. */
    static boolean run(
            CudaGemm gemm, Tensor x, CudaMatrix weights, Conv2dSpec spec, Epilogue epilogue, Tensor destination) {
        CudaDevice device = gemm.device();
        int channels = x.cols();
        int outputs = weights.out();
        boolean small = spec.kernel() == KERNEL && (channels == 1 || channels == 4) && outputs <= MAX_OUTPUTS;
        boolean plain =
                epilogue.activation() == Activation.NONE && epilogue.scale() == null && epilogue.residual() == null;
        if (!gemm.type().isHalf() || !small || !plain) {
            return false;
        }
        DeviceMatrix from = device.matrix(x);
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix bias = device.vector(epilogue.bias());
        if (!to.inFours() || (channels == 4 && !from.inFours()) || (bias != null && !bias.inFours())) {
            return false;
        }
        device.launch(new Kernel(gemm.type(), from.type(), to.type(), channels, KERNEL))
                .matrix("x", from)
                .matrix("weight", gemm.matrix(weights))
                .pointer("bias", bias)
                .matrix("out", to)
                .output(destination.dim(0), destination)
                .integer("outputs", outputs)
                .window(x, spec)
                .over(threads(destination.dim(0), destination.dim(1), destination.dim(2), outputs));
        return true;
    }

    /** Threads for an output. */
    static long threads(int batch, int height, int width, int outputs) {
        return (long) batch * height * ((width + PIXELS - 1) / PIXELS) * (outputs / OUTPUTS);
    }

    /**
     * The kernel. weight is (outputs, taps * taps * channels), rows padded to 16 bytes, bias float32 or 0, outputs a
     * multiple of 4. Pixels of 4 channels and of out are accessed in fours.
     *
     * @param weights half type of the weights
     * @param channels 1 or 4
     * @param taps the size of the kernel, rows and columns
     */
    record Kernel(DType weights, DType in, DType out, int channels, int taps) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "conv2d_direct_" + weights.label() + "_" + in.label() + "_" + out.label() + "_c" + channels + "_k"
                            + taps,
                    THREADS,
                    "x (B, H, W, C), weight (O, K, K, C), bias (O), out (B, H', W', O); float32 accumulation.");
            PtxMatrix x = PtxMatrix.parameter(w, "x", in);
            PtxMatrix weight = PtxMatrix.parameter(w, "weight", weights);
            String bias = w.pointer("bias");
            PtxMatrix y = PtxMatrix.parameter(w, "out", out);
            PictureSize size = PictureSize.parameters(w, "outputs");
            String width = size.width();
            ConvolutionWindow g = ConvolutionWindow.parameters(w);

            // strips of a line change fastest, then groups of outputs, lines, batch entries: weights are the same in a
            // warp
            String strips = w.i("shr.u32", w.i("add.s32", width, PIXELS - 1), 1);
            String groups = w.i("shr.u32", size.last(), 2);
            String index = w.globalThread();
            String rest = w.i("div.u32", index, strips);
            String first = w.i("mul.lo.s32", w.i("sub.s32", index, w.i("mul.lo.s32", rest, strips)), PIXELS);
            String line = w.i("div.u32", rest, groups);
            String output = w.i("mul.lo.s32", w.i("sub.s32", rest, w.i("mul.lo.s32", line, groups)), OUTPUTS);
            String entry = w.i("div.u32", line, size.height());
            w.exitFrom(entry, size.batch());
            String top = g.start(w.i("rem.u32", line, size.height()));

            String[][] sums = {w.zeros(OUTPUTS), w.zeros(OUTPUTS)};
            w.ifPresent(bias, () -> {
                String[] shifts = new Elements(w, DType.F32, OUTPUTS).load(w.address(bias, output, 4));
                for (String[] pixel : sums) {
                    for (int o = 0; o < OUTPUTS; o++) {
                        w.op("mov.f32", pixel[o], shifts[o]);
                    }
                }
            });
            String[] rows = new String[OUTPUTS];
            for (int o = 0; o < OUTPUTS; o++) {
                rows[o] = weight.at(w.i("add.s32", output, o), 0);
            }
            String bytes = w.i("mul.lo.s32", x.stride(), in.bytes());
            Elements source = new Elements(w, in, channels);
            String[][] inputs = new String[PIXELS][];
            String[][] factors = new String[OUTPUTS][];
            for (int column = 0; column < taps * taps * channels; column++) {
                if (column % CHUNK == 0) {
                    for (int o = 0; o < OUTPUTS; o++) {
                        factors[o] = new Elements(w, weights, CHUNK).load(w.l("add.s64", rows[o], 2 * column));
                    }
                }
                int tap = column / channels;
                for (int p = 0; p < PIXELS && column % channels == 0; p++) {
                    String row = w.i("add.s32", top, tap / taps);
                    String pixel = w.i("mul.lo.s32", w.i("add.s32", first, p), g.step());
                    String at = w.i("add.s32", w.i("sub.s32", pixel, g.padding()), tap % taps);
                    String exists =
                            w.p("and.pred", w.p("setp.lt.u32", row, g.height()), w.p("setp.lt.u32", at, g.width()));
                    String from = OutputPixel.rowOf(w, entry, g.height(), g.width(), row, at);
                    inputs[p] = source.loadIf(exists, w.l("mad.wide.u32", from, bytes, x.base()));
                }
                for (int p = 0; p < PIXELS; p++) {
                    for (int o = 0; o < OUTPUTS; o++) {
                        String input = inputs[p][column % channels];
                        w.op("fma.rn.f32", sums[p][o], input, factors[o][column % CHUNK], sums[p][o]);
                    }
                }
            }
            Elements target = new Elements(w, out, OUTPUTS);
            for (int p = 0; p < PIXELS; p++) {
                String[] values = sums[p];
                String pixel = w.i("add.s32", first, p);
                String to = y.at(w.i("mad.lo.s32", line, width, pixel), output);
                w.when(w.p("setp.lt.s32", pixel, width), () -> target.store(to, values));
            }
            return w.build();
        }
    }
}
