package dev.sam2j.cuda.pictures;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cuda.ptx.Convolution;
import dev.sam2j.cuda.ptx.KernelRunner;
import dev.sam2j.cuda.ptx.Matrix;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Interpolation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageKernelsTest {
    /** Weights are float32 numbers near 1; the bilinear filter's coordinates carry an error of 1e-6; values reach 4. */
    private static final double RESAMPLING_BOUND = 2e-5;
    /** 49 products of values up to 4, summed in float32. */
    private static final double CONVOLUTION_BOUND = 2e-5;

    private static final DType[] TYPES = DType.values();

    private final Random random = new Random(3);
    private final KernelRunner runner = new KernelRunner();

    @ParameterizedTest
    @CsvSource({"3,5,7,7,1", "2,3,8,12,4"})
    void maxPool2d(int height, int width, int channels, int stride, int vector) {
        for (DType type : TYPES) {
            PtxKernel kernel = new CudaMaxPool2d.Kernel(type, vector).write();
            Matrix x = Matrix.random(2 * 4 * height * width, channels, stride, type, random);
            Matrix y = Matrix.empty(2 * height * width, channels, stride, type);
            runner.launch(
                    kernel,
                    kernel.gridOver(2 * height * width * channels / vector),
                    runner.in("x", x),
                    stride,
                    runner.out("y", y),
                    stride,
                    2,
                    height,
                    width,
                    channels);
            y.check(kernel.entry(), 0, (r, c) -> {
                int top = r / width * 2 * 2 * width + r % width * 2; // batch entries follow each other without gaps
                return Math.max(
                        Math.max(x.get(top, c), x.get(top + 1, c)),
                        Math.max(x.get(top + 2 * width, c), x.get(top + 2 * width + 1, c)));
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"9,6,5,7,1,3,1", "5,11,8,7,1,3,4", "6,7,3,3,2,1,1"})
    void depthwiseConv2d(int height, int width, int channels, int kernelSize, int step, int padding, int vector) {
        Convolution g = new Convolution(height, width, channels, kernelSize, step, padding);
        for (DType type : TYPES) {
            PtxKernel kernel = new CudaDepthwiseConv2d.Kernel(type, vector).write();
            int threads = 2 * g.outHeight() * g.outWidth() * channels / vector;
            depthwiseConv2d(kernel, kernel.gridOver(threads), type, g);
        }
    }

    /** Strips and groups of lines that end within the picture and beyond. */
    @ParameterizedTest
    @CsvSource({"9,6,6,3", "4,16,16,3", "5,19,10,3", "8,9,4,0", "1,1,2,3"})
    void depthwiseConv2dStrips(int height, int width, int channels, int padding) {
        Convolution g = new Convolution(height, width, channels, 7, 1, padding);
        for (DType type : TYPES) {
            PtxKernel kernel = new CudaDepthwiseConv2d.Strips(type, 7).write();
            PtxKernel.Grid grid =
                    kernel.gridOver(CudaDepthwiseConv2d.Strips.threads(2, g.outHeight(), g.outWidth(), channels));
            depthwiseConv2d(kernel, grid, type, g);
        }
    }

    private void depthwiseConv2d(PtxKernel kernel, PtxKernel.Grid grid, DType type, Convolution g) {
        Matrix x = Matrix.random(2 * g.height() * g.width(), g.channels(), g.channels() + 4, type, random);
        Matrix weight = Matrix.random(g.kernelSize() * g.kernelSize(), g.channels(), g.channels(), DType.F32, random);
        Matrix bias = Matrix.vector(g.channels(), random);
        Matrix y = Matrix.empty(2 * g.outHeight() * g.outWidth(), g.channels(), g.channels(), type);
        runner.launch(
                kernel,
                grid,
                runner.in("x", x),
                x.stride(),
                runner.in("weight", weight),
                runner.in("bias", bias),
                runner.out("y", y),
                y.stride(),
                2,
                g.outHeight(),
                g.outWidth(),
                g.channels(),
                g.height(),
                g.width(),
                g.kernelSize(),
                g.step(),
                g.padding());
        y.check(kernel.entry(), CONVOLUTION_BOUND, (r, c) -> {
            double sum = bias.get(0, c);
            for (int tap = 0; tap < g.kernelSize() * g.kernelSize(); tap++) {
                int row = g.inputRow(r, tap / g.kernelSize(), tap % g.kernelSize());
                sum += row < 0 ? 0 : (double) weight.get(tap, c) * x.get(row, c);
            }
            return sum;
        });
    }

    @ParameterizedTest
    @CsvSource({"7,9,13,10,3,1", "12,10,5,7,4,4", "6,6,6,6,1,1", "4,5,8,10,4,4", "5,4,31,3,2,1"})
    void interpolate(int inHeight, int inWidth, int height, int width, int channels, int vector) {
        for (DType type : TYPES) {
            Matrix x = Matrix.random(2 * inHeight * inWidth, channels, channels + 4, type, random);
            long xAt = runner.in("x", x);
            for (Interpolation filter : Interpolation.values()) {
                PtxKernel kernel = new CudaInterpolate.Kernel(type, filter, vector).write();
                Matrix y = Matrix.empty(2 * height * width, channels, channels, type);
                runner.launch(
                        kernel,
                        kernel.gridOver(2 * height * width * channels / vector),
                        xAt,
                        x.stride(),
                        runner.out("y", y),
                        y.stride(),
                        2,
                        height,
                        width,
                        channels,
                        inHeight,
                        inWidth,
                        (float) inHeight / height,
                        (float) inWidth / width);
                double[][] vertical = weights(filter, inHeight, height);
                double[][] horizontal = weights(filter, inWidth, width);
                y.check(kernel.entry(), filter == Interpolation.NEAREST ? 0 : RESAMPLING_BOUND, (r, c) -> {
                    int first = r / width / height * inHeight * inWidth;
                    return sample(
                            vertical[r / width % height],
                            horizontal[r % width],
                            (i, j) -> x.get(first + i * inWidth + j, c));
                });
            }
        }
    }

    private static double sample(double[] vertical, double[] horizontal, Matrix.Expected source) {
        double sum = 0;
        for (int i = 0; i < vertical.length; i++) {
            for (int j = 0; j < horizontal.length && vertical[i] != 0; j++) {
                sum += horizontal[j] == 0 ? 0 : vertical[i] * horizontal[j] * source.at(i, j);
            }
        }
        return sum;
    }

    /** Weight of each source sample (second index) for each output (first index), from the definitions. */
    private static double[][] weights(Interpolation filter, int in, int out) {
        double[][] weights = new double[out][in];
        double scale = (double) in / out;
        for (int i = 0; i < out; i++) {
            double u = scale * (i + 0.5) - 0.5;
            switch (filter) {
                case NEAREST -> weights[i][i * in / out] = 1;
                case BILINEAR -> {
                    u = Math.max(u, 0);
                    int j = (int) u;
                    weights[i][j] += 1 - (u - j);
                    weights[i][Math.min(j + 1, in - 1)] += u - j;
                }
                case BICUBIC -> {
                    for (int j = (int) Math.floor(u) - 1; j <= Math.floor(u) + 2; j++) {
                        weights[i][Math.max(0, Math.min(j, in - 1))] += cubic(Math.abs(u - j), -0.75);
                    }
                }
                default -> {
                    double support = Math.max(scale, 1);
                    double total = 0;
                    for (int j = 0; j < in; j++) {
                        weights[i][j] = Math.max(0, 1 - Math.abs(j - u) / support);
                        total += weights[i][j];
                    }
                    for (int j = 0; j < in; j++) {
                        weights[i][j] /= total;
                    }
                }
            }
        }
        return weights;
    }

    private static double cubic(double x, double a) {
        return x <= 1
                ? (a + 2) * x * x * x - (a + 3) * x * x + 1
                : x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a : 0;
    }

    @ParameterizedTest
    @CsvSource({"5,6,13,11", "8,8,16,16", "9,7,3,5"})
    void thresholdMask(int inHeight, int inWidth, int height, int width) {
        for (DType type : TYPES) {
            PtxKernel kernel = new CudaThresholdMask.Kernel(type).write();
            Matrix x = Matrix.random(inHeight * inWidth, 1, 3, type, random);
            int words = (height * width + 63) / 64;
            byte[] bits = new byte[8 * words];
            java.util.Arrays.fill(bits, (byte) 0xff);
            runner.launch(
                    kernel,
                    kernel.gridOver(64L * words),
                    runner.in("x", x),
                    3,
                    runner.out("bits", bits),
                    height,
                    width,
                    inHeight,
                    inWidth,
                    (float) inHeight / height,
                    (float) inWidth / width,
                    0.25f);
            ByteBuffer buffer = ByteBuffer.wrap(bits).order(ByteOrder.LITTLE_ENDIAN);
            double[][] vertical = weights(Interpolation.BILINEAR, inHeight, height);
            double[][] horizontal = weights(Interpolation.BILINEAR, inWidth, width);
            for (int i = 0; i < 64 * words; i++) {
                boolean set = (buffer.getLong(i / 64 * 8) >>> i % 64 & 1) == 1;
                if (i >= height * width) {
                    assertEquals(false, set, "bit " + i + " past the end");
                    continue;
                }
                double value = sample(vertical[i / width], horizontal[i % width], (r, c) -> x.get(r * inWidth + c, 0));
                assertTrue(Math.abs(value - 0.25) > RESAMPLING_BOUND, "choose a seed without ties");
                assertEquals(value > 0.25, set, kernel.entry() + " pixel " + i + " of value " + value);
            }
        }
    }

    /** Few blocks, so that threads handle several pixels; bits as from the kernel without counters. */
    @ParameterizedTest
    @CsvSource({"7,5,33,31,1", "7,5,33,31,3", "8,8,8,8,1", "20,20,9,7,4"})
    void maskStatistics(int inHeight, int inWidth, int height, int width, int blocks) {
        for (DType type : TYPES) {
            Matrix x = Matrix.random(inHeight * inWidth, 1, 3, type, random);
            int words = (height * width + 63) / 64;
            float[] thresholds = {-0.4f, 0.25f, 0.9f};
            int[] above = new int[3];
            byte[][] bits = new byte[3][8 * words];
            PtxKernel threshold = new CudaThresholdMask.Kernel(type).write();
            Object[] map = {height, width, inHeight, inWidth, (float) inHeight / height, (float) inWidth / width};
            for (int i = 0; i < 3; i++) {
                runner.launch(
                        threshold,
                        threshold.gridOver(64L * words),
                        runner.in("x", x),
                        3,
                        runner.out("bits", bits[i]),
                        map[0],
                        map[1],
                        map[2],
                        map[3],
                        map[4],
                        map[5],
                        thresholds[i]);
                above[i] = java.util.BitSet.valueOf(bits[i]).cardinality();
            }
            byte[] actual = new byte[8 * words];
            java.util.Arrays.fill(actual, (byte) 0xff);
            byte[] counters = new byte[8];
            PtxKernel kernel = new CudaMaskStatistics.Kernel(type).write();
            runner.launch(
                    kernel,
                    new PtxKernel.Grid(blocks, 1, 1),
                    runner.in("x", x),
                    3,
                    runner.out("bits", actual),
                    map[0],
                    map[1],
                    map[2],
                    map[3],
                    map[4],
                    map[5],
                    thresholds[0],
                    thresholds[1],
                    thresholds[2],
                    runner.out("counters", counters));
            ByteBuffer counted = ByteBuffer.wrap(counters).order(ByteOrder.LITTLE_ENDIAN);
            assertArrayEquals(bits[1], actual);
            assertEquals(above[0], counted.getInt(0));
            assertEquals(above[2], counted.getInt(4));
        }
    }

    @ParameterizedTest
    @CsvSource({"17,23,8,8", "5,4,8,8", "8,8,8,8"})
    void imageToTensor(int inHeight, int inWidth, int height, int width) {
        byte[] rgb = new byte[inHeight * inWidth * 3];
        random.nextBytes(rgb);
        float[] mean = {0.485f, 0.456f, 0.406f};
        float[] std = {0.229f, 0.224f, 0.225f};
        double[][] vertical = weights(Interpolation.BILINEAR_ANTIALIAS, inHeight, height);
        double[][] horizontal = weights(Interpolation.BILINEAR_ANTIALIAS, inWidth, width);
        for (DType type : TYPES) {
            PtxKernel kernel = new CudaImageToTensor.Kernel(type, false).write();
            Matrix y = Matrix.empty(height * width, 3, 3, type);
            runner.launch(
                    kernel,
                    kernel.gridOver(height * width),
                    runner.in("rgb", rgb),
                    runner.out("y", y),
                    height,
                    width,
                    inHeight,
                    inWidth,
                    (float) inHeight / height,
                    (float) inWidth / width,
                    mean[0],
                    mean[1],
                    mean[2],
                    std[0],
                    std[1],
                    std[2]);
            y.check(
                    kernel.entry(),
                    RESAMPLING_BOUND,
                    (r, c) -> (sample(
                                            vertical[r / width],
                                            horizontal[r % width],
                                            (i, j) -> (rgb[(i * inWidth + j) * 3 + c] & 0xff) / 255.0)
                                    - mean[c])
                            / std[c]);
        }
    }

    @ParameterizedTest
    @CsvSource({"8,8", "3,4", "17,20"})
    void imageToTensorUnscaled(int height, int width) {
        byte[] rgb = new byte[height * width * 3];
        random.nextBytes(rgb);
        for (DType type : TYPES) {
            PtxKernel kernel = new CudaImageToTensor.Kernel(type, true).write();
            Matrix expected =
                    imageToTensor(new CudaImageToTensor.Kernel(type, false).write(), 1, rgb, height, width, type);
            imageToTensor(kernel, 4, rgb, height, width, type).check(kernel.entry(), 0, expected::get);
        }
    }

    private Matrix imageToTensor(PtxKernel kernel, int perThread, byte[] rgb, int height, int width, DType type) {
        Matrix y = Matrix.empty(height * width, 3, 3, type);
        runner.launch(
                kernel,
                kernel.gridOver(height * width / perThread),
                runner.in("rgb", rgb),
                runner.out("y", y),
                height,
                width,
                height,
                width,
                1f,
                1f,
                0.485f,
                0.456f,
                0.406f,
                0.229f,
                0.224f,
                0.225f);
        return y;
    }

    @ParameterizedTest
    @CsvSource({"9,13,5,6", "6,5,11,16"})
    void resample8BitRoundsBetweenThePasses(int inHeight, int inWidth, int height, int width) {
        byte[] rgb = new byte[inHeight * inWidth * 3];
        random.nextBytes(rgb);
        byte[] wide = new byte[inHeight * width * 3];
        byte[] result = new byte[height * width * 3];
        PtxKernel kernel = Resample8Bit.Kernel.RESAMPLE.write();
        long wideAt = runner.out("wide", wide);
        Resample8Bit.Weights x = Resample8Bit.Weights.of(inWidth, width);
        runner.launch(
                kernel,
                kernel.gridOver(inHeight * width * 3),
                runner.in("rgb", rgb),
                wideAt,
                inHeight,
                width,
                3,
                inWidth * 3,
                3,
                width * 3,
                3,
                ints(x.first()),
                ints(x.count()),
                ints(x.weights()),
                x.taps());
        Resample8Bit.Weights y = Resample8Bit.Weights.of(inHeight, height);
        runner.launch(
                kernel,
                kernel.gridOver(width * height * 3),
                wideAt,
                runner.out("result", result),
                width,
                height,
                3,
                3,
                width * 3,
                3,
                width * 3,
                ints(y.first()),
                ints(y.count()),
                ints(y.weights()),
                y.taps());

        byte[] wantWide = new byte[wide.length];
        for (int i = 0; i < wantWide.length; i++) {
            int row = i / 3 / width;
            int channel = i % 3;
            wantWide[i] = pass(inWidth, width, i / 3 % width, j -> rgb[(row * inWidth + j) * 3 + channel] & 0xff);
        }
        byte[] want = new byte[result.length];
        for (int i = 0; i < want.length; i++) {
            int pixel = i % (width * 3);
            want[i] = pass(inHeight, height, i / 3 / width, j -> wantWide[j * width * 3 + pixel] & 0xff);
        }
        assertArrayEquals(wantWide, wide, "horizontal pass");
        assertArrayEquals(want, result, "vertical pass");
    }

    /** One output of the 8-bit cubic filter, from the definition. */
    private static byte pass(int in, int out, int i, java.util.function.IntUnaryOperator source) {
        double scale = (double) in / out;
        double stretch = Math.max(scale, 1);
        double centre = (i + 0.5) * scale;
        int from = Math.max((int) (centre - 2 * stretch + 0.5), 0);
        int to = Math.min((int) (centre + 2 * stretch + 0.5), in);
        double total = 0;
        for (int j = from; j < to; j++) {
            total += cubic(Math.abs(j - centre + 0.5) / stretch, -0.5);
        }
        long sum = 1 << 21;
        for (int j = from; j < to; j++) {
            double weight = cubic(Math.abs(j - centre + 0.5) / stretch, -0.5) / total * (1 << 22);
            sum += (long) (Math.signum(weight) * Math.floor(Math.abs(weight) + 0.5)) * source.applyAsInt(j);
        }
        return (byte) Math.max(0, Math.min(255, sum >> 22));
    }

    private long ints(int[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(values);
        return runner.in("table", buffer.array());
    }

    @Test
    void cubicWeightsSumToOne() {
        Resample8Bit.Weights weights = Resample8Bit.Weights.of(17, 5);
        for (int i = 0; i < 5; i++) {
            int sum = 0;
            for (int j = 0; j < weights.count()[i]; j++) {
                sum += weights.weights()[i * weights.taps() + j];
            }
            assertEquals(1 << 22, sum, weights.count()[i], "output " + i);
        }
    }
}
