package dev.sam2j.cuda.products;

import dev.sam2j.cuda.ptx.Convolution;
import dev.sam2j.cuda.ptx.ElementTypes;
import dev.sam2j.cuda.ptx.KernelRunner;
import dev.sam2j.cuda.ptx.Matrix;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.tensor.DType;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvolutionKernelsTest {
    /** 49 products of values up to 4, summed in float32. */
    private static final double CONVOLUTION_BOUND = 2e-5;

    private static final DType[] TYPES = DType.values();

    private final Random random = new Random(3);
    private final KernelRunner runner = new KernelRunner();

    @ParameterizedTest
    @CsvSource({"9,11,3,7,4,3,152", "5,6,4,3,2,1,36", "4,4,2,2,2,0,8"})
    void im2col(int height, int width, int channels, int kernelSize, int step, int padding, int columns) {
        for (DType in : TYPES) {
            for (DType out : ElementTypes.companions(in)) {
                Convolution c = new Convolution(height, width, channels, kernelSize, step, padding);
                im2col(
                        new Im2col.Kernel(Im2col.Access.ELEMENTS, in, out).write(),
                        in,
                        out,
                        c,
                        channels + 1,
                        columns,
                        1);
            }
        }
    }

    /** Kernel rows that are shorter and longer than what a thread writes. */
    @ParameterizedTest
    @CsvSource({"9,11,3,7,4,3,152", "8,10,1,3,2,1,16", "6,6,4,3,2,1,40", "3,2,3,7,4,3,152", "6,8,5,2,2,0,24"})
    void im2colPixels(int height, int width, int channels, int kernelSize, int step, int padding, int columns) {
        for (DType in : TYPES) {
            for (DType out : ElementTypes.companions(in)) {
                Convolution c = new Convolution(height, width, channels, kernelSize, step, padding);
                int chunk = new Im2col.Kernel(Im2col.Access.PIXELS, in, out).perThread();
                im2col(new Im2col.Kernel(Im2col.Access.PIXELS, in, out).write(), in, out, c, channels, columns, chunk);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"9,11,16,3,2,1", "5,6,24,3,1,1", "4,4,8,2,2,0"})
    void im2colChannels(int height, int width, int channels, int kernelSize, int step, int padding) {
        for (DType in : TYPES) {
            for (DType out : ElementTypes.companions(in)) {
                Convolution c = new Convolution(height, width, channels, kernelSize, step, padding);
                int columns = kernelSize * kernelSize * channels;
                im2col(
                        new Im2col.Kernel(Im2col.Access.CHANNELS, in, out).write(),
                        in,
                        out,
                        c,
                        channels + 8,
                        columns,
                        8);
            }
        }
    }

    private void im2col(PtxKernel kernel, DType in, DType out, Convolution g, int stride, int columns, int perThread) {
        int rows = 2 * g.outHeight() * g.outWidth();
        Matrix x = Matrix.random(2 * g.height() * g.width(), g.channels(), stride, in, random);
        Matrix y = Matrix.empty(rows, columns, columns, out);
        runner.launch(
                kernel,
                kernel.gridOver(rows * columns / perThread),
                runner.in("x", x),
                x.stride(),
                runner.out("y", y),
                y.stride(),
                2,
                g.outHeight(),
                g.outWidth(),
                columns,
                g.channels(),
                g.height(),
                g.width(),
                g.kernelSize(),
                g.step(),
                g.padding());
        y.check(kernel.entry(), 0, (r, c) -> {
            int tap = c / g.channels();
            int i = tap / g.kernelSize();
            int j = tap % g.kernelSize();
            int row = g.inputRow(r, i, j);
            float value = row < 0 || i >= g.kernelSize() ? 0 : x.get(row, c % g.channels());
            return Matrix.round(out, value);
        });
    }

    /** Types of input and output beside weights of a half type. */
    private static List<DType[]> pairs(DType half) {
        return ElementTypes.companions(half).stream()
                .flatMap(in -> ElementTypes.companions(half).stream().map(out -> new DType[] {in, out}))
                .toList();
    }

    /** Strips that end within the picture and beyond, steps that leave pixels out. */
    @ParameterizedTest
    @CsvSource({"8,10,1,4,2,1", "7,5,4,16,2,1", "6,9,4,8,1,1", "5,5,1,4,1,0", "3,3,4,4,3,0"})
    void conv2dDirect(int height, int width, int channels, int outputs, int step, int padding) {
        Convolution g = new Convolution(height, width, channels, 3, step, padding);
        int depth = 9 * channels;
        int rows = 2 * g.outHeight() * g.outWidth();
        for (DType half : ElementTypes.HALVES) {
            for (DType[] types : pairs(half)) {
                DType in = types[0];
                DType out = types[1];
                PtxKernel kernel = new DirectConvolution.Kernel(half, in, out, channels, 3).write();
                Matrix x = Matrix.random(2 * height * width, channels, channels + 4, in, random);
                Matrix weight = Matrix.random(outputs, depth, (depth + 7) / 8 * 8, half, random);
                Matrix bias = step == 3 ? null : Matrix.vector(outputs, random);
                Matrix y = Matrix.empty(rows, outputs, outputs + 4, out);
                runner.launch(
                        kernel,
                        kernel.gridOver(DirectConvolution.threads(2, g.outHeight(), g.outWidth(), outputs)),
                        runner.in("x", x),
                        x.stride(),
                        runner.in("weight", java.util.Arrays.copyOf(weight.bytes(), 2 * outputs * weight.stride())),
                        weight.stride(),
                        runner.in("bias", bias),
                        runner.out("y", y),
                        y.stride(),
                        2,
                        g.outHeight(),
                        g.outWidth(),
                        outputs,
                        height,
                        width,
                        3,
                        step,
                        padding);
                y.check(kernel.entry(), CONVOLUTION_BOUND, (r, c) -> {
                    double sum = bias == null ? 0 : bias.get(0, c);
                    for (int i = 0; i < depth; i++) {
                        int row = g.inputRow(r, i / channels / 3, i / channels % 3);
                        sum += row < 0 ? 0 : (double) weight.get(c, i) * x.get(row, i % channels);
                    }
                    return sum;
                });
            }
        }
    }
}
