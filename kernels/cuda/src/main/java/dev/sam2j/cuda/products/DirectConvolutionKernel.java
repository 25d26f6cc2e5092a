package dev.sam2j.cuda.products;

import dev.sam2j.cuda.ptx.ConvolutionKernels;
import dev.sam2j.cuda.ptx.Elements;
import dev.sam2j.cuda.ptx.OutputPixel;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;

/**
 * Convolution of pictures of few channels to few, without gathered inputs: where a product would have short rows and
 * few columns, most of its time would go into memory. One thread computes 4 output channels of 2 adjacent pixels.
 */
public final class DirectConvolutionKernel {
    private static final int THREADS = 128;
    private static final int PIXELS = 2;
    private static final int OUTPUTS = 4;
    /** Weights of an output that are loaded at a time. */
    private static final int CHUNK = 8;

    private DirectConvolutionKernel() {}

    /**
     * The kernel. Parameters: x, x stride, weight (outputs, taps * taps * channels,
     * rows padded to 16 bytes), weight stride, bias (float32) or 0, out, out stride, batch, output height, output
     * width, outputs (a multiple of 4), input height, input width, kernel, step, padding. Pixels of 4 channels and of
     * out are accessed in fours.
     *
     * @param weights half type of the weights
     * @param channels 1 or 4
     * @param taps the size of the kernel, rows and columns
     */
    public static PtxKernel of(DType weights, DType in, DType out, int channels, int taps) {
        PtxWriter w = new PtxWriter(
                "conv2d_direct_" + weights.label() + "_" + in.label() + "_" + out.label() + "_c" + channels + "_k"
                        + taps,
                THREADS,
                "x (B, H, W, C), weight (O, K, K, C), bias (O), out (B, H', W', O); float32 accumulation.");
        String x = w.pointer("x");
        String xStride = w.integer("x_stride");
        String weight = w.pointer("weight");
        String weightStride = w.integer("weight_stride");
        String bias = w.pointer("bias");
        String y = w.pointer("out");
        String yStride = w.integer("out_stride");
        String batch = w.integer("batch");
        String height = w.integer("height");
        String width = w.integer("width");
        String outputs = w.integer("outputs");
        ConvolutionKernels.Geometry g = new ConvolutionKernels.Geometry(w);

        // strips of a line change fastest, then groups of outputs, lines, batch entries: weights are the same in a warp
        String strips = w.i("shr.u32", w.i("add.s32", width, PIXELS - 1), 1);
        String groups = w.i("shr.u32", outputs, 2);
        String index = w.globalThread();
        String rest = w.i("div.u32", index, strips);
        String first = w.i("mul.lo.s32", w.i("sub.s32", index, w.i("mul.lo.s32", rest, strips)), PIXELS);
        String line = w.i("div.u32", rest, groups);
        String output = w.i("mul.lo.s32", w.i("sub.s32", rest, w.i("mul.lo.s32", line, groups)), OUTPUTS);
        String entry = w.i("div.u32", line, height);
        w.exitFrom(entry, batch);
        String top = w.i("sub.s32", w.i("mul.lo.s32", w.i("rem.u32", line, height), g.step()), g.padding());

        String[][] sums = new String[PIXELS][OUTPUTS];
        for (String[] pixel : sums) {
            for (int o = 0; o < OUTPUTS; o++) {
                pixel[o] = w.f("mov.f32", PtxWriter.constant(0));
            }
        }
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
            rows[o] = w.address(weight, w.i("add.s32", output, o), weightStride, 0, 2);
        }
        String bytes = w.i("mul.lo.s32", xStride, in.bytes());
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
                String exists = w.p("and.pred", w.p("setp.lt.u32", row, g.height()), w.p("setp.lt.u32", at, g.width()));
                String from = OutputPixel.rowOf(w, entry, g.height(), g.width(), row, at);
                inputs[p] = source.loadIf(exists, w.l("mad.wide.u32", from, bytes, x));
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
            String to = w.address(y, w.i("mad.lo.s32", line, width, pixel), yStride, output, out.bytes());
            w.when(w.p("setp.lt.s32", pixel, width), () -> target.store(to, values));
        }
        return w.build();
    }

    /** The grid for an output. */
    public static PtxKernel.Grid grid(PtxKernel kernel, int batch, int height, int width, int outputs) {
        return kernel.gridOver((long) batch * height * ((width + PIXELS - 1) / PIXELS) * (outputs / OUTPUTS));
    }
}
