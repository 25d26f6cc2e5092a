package dev.sam2j.cpu.products;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.Precision;
import dev.sam2j.cpu.Bf16Kernels;
import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.Mlp;
import dev.sam2j.tensor.fused.Projection;
import dev.sam2j.tensor.host.HalfPrecision;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntBinaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Matrix products of the CPU backend against double-precision loops. Every output lies in a wider tensor filled with
 * sentinels, which must survive, and every input in one filled with NaN.
 */
class CpuProductsTest {
    private static final float SENTINEL = -12345.678f;
    private static final int GUARD = 37;

    private final Random random = new Random(7);

    static Stream<CpuBackend> backends() {
        Stream<CpuBackend> all = Stream.of(
                new CpuBackend(1, CpuKernels.vector()),
                new CpuBackend(3, CpuKernels.vector()),
                new CpuBackend(1, CpuKernels.scalar()),
                new CpuBackend(2, CpuKernels.scalar()),
                new CpuBackend(2, Bf16Kernels.scalar()));
        return Bf16Kernels.unavailableReason() == null
                ? Stream.concat(all, Stream.of(new CpuBackend(3, Bf16Kernels.choose())))
                : all;
    }

    @ParameterizedTest
    @MethodSource("backends")
    void gemmOverOddSizes(CpuBackend backend) {
        try (backend) {
            int[][] sizes = {
                {1, 1, 1},
                {1, 5, 3},
                {2, 31, 8},
                {3, 32, 147},
                {4, 33, 2},
                {5, 64, 96},
                {6, 16, 32},
                {7, 70, 65},
                {12, 40, 10},
                {13, 288, 96},
                {20, 256, 256},
                {25, 100, 1030},
                {97, 257, 20},
                {100, 7, 513},
                {193, 290, 33},
                {211, 33, 1026},
                {1, 1000, 600}
            };
            for (int[] s : sizes) {
                for (Activation activation : Activation.values()) {
                    checkGemm(backend, s[0], s[1], s[2], activation, 0, false, false);
                }
                checkGemm(backend, s[0], s[1], s[2], Activation.NONE, s[0], true, true);
                checkGemm(backend, s[0], s[1], s[2], Activation.GELU, s[0], true, false);
                checkGemm(backend, s[0], s[1], s[2], Activation.NONE, s[0], false, true);
            }
            checkGemm(backend, 60, 50, 40, Activation.RELU, 12, true, false);
            checkGemm(backend, 300, 96, 147, Activation.NONE, 100, false, false);
        }
    }

    /** Checks one product; {@code residualRows} is 0 for none. */
    private void checkGemm(
            CpuBackend backend,
            int m,
            int n,
            int k,
            Activation activation,
            int residualRows,
            boolean scaled,
            boolean inPlace) {
        String what =
                backend.info().description() + " " + m + "x" + n + "x" + k + " " + activation + " " + residualRows;
        Tensor x = randomTensor(backend, k + 5, m, k);
        float[] matrix = randomValues(backend, n * k);
        Tensor bias = randomTensor(backend, n, n);
        Tensor scale = scaled ? randomTensor(backend, n, n) : null;
        Tensor y = guarded(backend, n + 3, m, n);
        Tensor residual = residualRows == 0 ? null : inPlace ? y : randomTensor(backend, n + 1, residualRows, n);
        if (inPlace) {
            backend.upload(randomValues(backend, m * n), 0, y);
        }
        Epilogue epilogue = new Epilogue(bias, activation, scale, residual);
        double[] expected = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int c = 0; c < k; c++) {
                    sum += (double) at(x, i, c) * matrix[j * k + c];
                }
                expected[i * n + j] = apply(epilogue, sum, i, j);
            }
        }
        try (PackedMatrix w = backend.pack(matrix, n, k)) {
            backend.gemm(x, w, epilogue, y);
        }
        check(what, expected, y, tolerance(k));
    }

    @ParameterizedTest
    @MethodSource("backends")
    void gemmWithoutEpilogue(CpuBackend backend) {
        try (backend) {
            Tensor x = randomTensor(backend, 34, 50, 34);
            float[] matrix = randomValues(backend, 45 * 34);
            Tensor y = guarded(backend, 45, 50, 45);
            backend.gemm(x, backend.pack(matrix, 45, 34), Epilogue.NONE, y);
            check("plain", product(x, matrix, 45), y, tolerance(34));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void matmulOfBatches(CpuBackend backend) {
        try (backend) {
            int[][] sizes = {
                {1, 4, 1000, 32, 0},
                {3, 4, 517, 32, 1},
                {3, 4, 517, 32, 0},
                {2, 7, 33, 9, 0},
                {2, 130, 300, 31, 1},
                {1, 1, 1, 1, 0}
            };
            for (int[] s : sizes) {
                boolean shared = s[4] == 1;
                Tensor a = randomTensor(backend, s[3] + 2, s[0], s[1], s[3]);
                Tensor b = randomTensor(backend, s[3] + 1, shared ? 1 : s[0], s[2], s[3]);
                Tensor y = guarded(backend, s[2] + 2, s[0], s[1], s[2]);
                double[] expected = new double[s[0] * s[1] * s[2]];
                for (int row = 0; row < s[0] * s[1]; row++) {
                    for (int j = 0; j < s[2]; j++) {
                        int other = (shared ? 0 : row / s[1] * s[2]) + j;
                        for (int c = 0; c < s[3]; c++) {
                            expected[row * s[2] + j] += (double) at(a, row, c) * at(b, other, c);
                        }
                    }
                }
                backend.matmul(a, b, y);
                check(backend.info().description() + Arrays.toString(s), expected, y, tolerance(s[3]));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void fusedMlpIsTheSequenceOfTwoProducts(CpuBackend backend) {
        try (backend;
                Ops ops = new Ops(backend)) {
            int[][] sizes = {{100, 96, 384, 96}, {77, 10, 301, 33}, {211, 64, 550, 300}, {5, 32, 64, 16}, {90, 7, 20, 5}
            };
            for (int[] s : sizes) {
                Tensor x = randomTensor(backend, s[1] + 1, s[0], s[1]);
                float[] m1 = randomValues(backend, s[2] * s[1]);
                float[] m2 = randomValues(backend, s[3] * s[2]);
                Tensor bias1 = randomTensor(backend, s[2], s[2]);
                Tensor y = guarded(backend, s[3] + 3, s[0], s[3]);
                backend.upload(randomValues(backend, s[0] * s[3]), 0, y);
                Epilogue second =
                        Epilogue.bias(randomTensor(backend, s[3], s[3])).plus(y);
                double[] hidden = product(x, m1, s[2]);
                double mostHidden = 0;
                for (int i = 0; i < hidden.length; i++) {
                    hidden[i] = activate(Activation.GELU, hidden[i] + at(bias1, 0, i % s[2]));
                    hidden[i] = backend.info().precision() == Precision.BF16 ? factor(backend, hidden[i]) : hidden[i];
                    mostHidden = Math.max(mostHidden, Math.abs(hidden[i]));
                }
                double[] expected = new double[s[0] * s[3]];
                double largest = 0;
                for (int i = 0; i < expected.length; i++) {
                    double sum = 0;
                    for (int c = 0; c < s[2]; c++) {
                        sum += hidden[i / s[3] * s[2] + c] * m2[i % s[3] * s[2] + c];
                    }
                    expected[i] = apply(second, sum, i / s[3], i % s[3]);
                    largest = Math.max(largest, Math.abs(expected[i]));
                }
                Projection first = new Projection(backend.pack(m1, s[2], s[1]), bias1);
                ops.run(new Mlp(x, first, Activation.GELU, backend.pack(m2, s[3], s[2]), second, y));
                // A value of the hidden layer near the middle of two bfloat16 may go to either; two of a sum at most.
                double flips = backend.info().precision() == Precision.BF16 ? 2 * 0x1p-8 * mostHidden : 0;
                check(
                        backend.info().description() + Arrays.toString(s),
                        expected,
                        y,
                        1e-6 * largest + tolerance(s[2]) + flips);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void conv2dOfAllGeometries(CpuBackend backend) {
        try (backend) {
            // batch, height, width, channels, out, kernel, stride, padding
            int[][] sizes = {
                {1, 32, 36, 3, 96, 7, 4, 3},
                {2, 9, 11, 4, 16, 3, 2, 1},
                {1, 8, 6, 1, 4, 2, 2, 0},
                {1, 16, 8, 5, 33, 4, 4, 0},
                {2, 5, 7, 6, 34, 1, 1, 0},
                {1, 5, 5, 2, 3, 3, 1, 1},
                {1, 2, 1, 3, 8, 3, 2, 1}
            };
            for (int[] s : sizes) {
                checkConv2d(backend, s);
            }
        }
    }

    private void checkConv2d(CpuBackend backend, int[] s) {
        int channels = s[3];
        int kernel = s[5];
        Conv2dSpec spec = new Conv2dSpec(kernel, s[6], s[7]);
        int height = spec.outputSize(s[1]);
        int width = spec.outputSize(s[2]);
        int k = kernel * kernel * channels;
        float[] matrix = randomValues(backend, s[4] * k);
        Tensor bias = randomTensor(backend, s[4], s[4]);
        for (int extra = 0; extra < 2; extra++) {
            Tensor x = randomTensor(backend, channels + extra, s[0], s[1], s[2], channels);
            Tensor y = guarded(backend, s[4] + extra, s[0], height, width, s[4]);
            Epilogue epilogue = Epilogue.bias(bias).plus(randomTensor(backend, s[4], height, width, s[4]));
            double[] expected = new double[(int) y.shape().elements()];
            for (int i = 0; i < expected.length; i++) {
                int row = i / s[4];
                int out = i % s[4];
                double sum = 0;
                for (int tap = 0; tap < k; tap++) {
                    int c = tap % channels;
                    int iy = row / width % height * s[6] - s[7] + tap / channels / kernel;
                    int ix = row % width * s[6] - s[7] + tap / channels % kernel;
                    if (iy >= 0 && iy < s[1] && ix >= 0 && ix < s[2]) {
                        int picture = row / (width * height);
                        sum += (double) at(x, (picture * s[1] + iy) * s[2] + ix, c) * matrix[out * k + tap];
                    }
                }
                expected[i] = apply(epilogue, sum, row, out);
            }
            backend.conv2d(x, backend.pack(matrix, s[4], k), spec, epilogue, y);
            check(backend.info().description() + Arrays.toString(s), expected, y, tolerance(k));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void convTranspose2dAddsTheResidualAtTheNewPixels(CpuBackend backend) {
        try (backend) {
            int[][] sizes = {{1, 4, 5, 16, 8}, {2, 3, 3, 7, 5}, {1, 9, 6, 64, 70}, {1, 1, 1, 2, 1}};
            for (int[] s : sizes) {
                int height = s[1];
                int width = s[2];
                int out = s[4];
                Tensor x = randomTensor(backend, s[3] + 1, s[0], height, width, s[3]);
                float[] matrix = randomValues(backend, 4 * out * s[3]);
                Tensor y = guarded(backend, out + 2, s[0], 2 * height, 2 * width, out);
                Epilogue epilogue = Epilogue.bias(randomTensor(backend, out, out))
                        .plus(randomTensor(backend, out + 1, s[0], 2 * height, 2 * width, out));
                double[] expected = new double[(int) y.shape().elements()];
                for (int i = 0; i < expected.length; i++) {
                    int row = i / out;
                    int py = row / (2 * width) % (2 * height);
                    int px = row % (2 * width);
                    int old = (row / (4 * width * height) * height + py / 2) * width + px / 2;
                    int weight = (py % 2 * 2 + px % 2) * out + i % out;
                    double sum = 0;
                    for (int c = 0; c < s[3]; c++) {
                        sum += (double) at(x, old, c) * matrix[weight * s[3] + c];
                    }
                    expected[i] = apply(epilogue, sum, row, i % out);
                }
                backend.convTranspose2d(x, backend.pack(matrix, 4 * out, s[3]), epilogue, y);
                check(backend.info().description() + Arrays.toString(s), expected, y, tolerance(s[3]));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void refusesWhatItCannotHold(CpuBackend backend) {
        try (backend) {
            assertThrows(IllegalArgumentException.class, () -> backend.allocate(DType.BF16, 10));
            assertThrows(OutOfMemoryError.class, () -> backend.allocate(DType.F32, 1L << 40));
            assertThrows(IllegalArgumentException.class, () -> backend.pack(new float[5], 2, 3));
            assertTrue(backend.info().description().startsWith("CPU, "));
        }
    }

    /**
     * Inputs are uniform within 1, so partial sums of k products are of the order sqrt(k) / 3 and each addition rounds
     * by up to 2^-24 of that. As a random walk the roundings end up at 0.14 k 2^-24 (standard deviation). Allowed are
     * 14 times that, for the sums that are far larger than usual, and 8 * 2^-24 for the epilogue.
     */
    private static double tolerance(int k) {
        return 0x1p-24 * (8 + 2 * k);
    }

    private static double[] product(Tensor x, float[] matrix, int n) {
        int k = x.cols();
        double[] result = new double[x.rows() * n];
        for (int i = 0; i < result.length; i++) {
            for (int c = 0; c < k; c++) {
                result[i] += (double) at(x, i / n, c) * matrix[i % n * k + c];
            }
        }
        return result;
    }

    private static double apply(Epilogue e, double sum, int row, int column) {
        double v = e.bias() == null ? sum : sum + at(e.bias(), 0, column);
        v = activate(e.activation(), v);
        v = e.scale() == null ? v : v * at(e.scale(), 0, column);
        return e.residual() == null
                ? v
                : v + at(e.residual(), row % e.residual().rows(), column);
    }

    private static double activate(Activation activation, double x) {
        switch (activation) {
            case RELU:
                return Math.max(x, 0);
            case GELU:
                return x / 2 * (1 + erf(x / Math.sqrt(2)));
            case SIGMOID:
                return 1 / (1 + Math.exp(-x));
            default:
                return x;
        }
    }

    /** The power series, which converges everywhere. */
    private static double erf(double z) {
        if (Math.abs(z) > 5) {
            return Math.signum(z);
        }
        double term = z;
        double sum = z;
        for (int n = 1; Math.abs(term) > 1e-17; n++) {
            term *= -z * z / n;
            sum += term / (2 * n + 1);
        }
        return sum * 2 / Math.sqrt(Math.PI);
    }

    private static float at(Tensor t, int row, int column) {
        return CpuStorage.rows(t).data()[CpuStorage.rows(t).at(row) + column];
    }

    /** Values that the backend multiplies as they are. */
    private float[] randomValues(CpuBackend backend, int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = factor(backend, random.nextFloat() * 2 - 1);
        }
        return values;
    }

    /** A value as the backend multiplies it. */
    private static float factor(CpuBackend backend, double value) {
        float single = (float) value;
        return backend.info().precision() == Precision.BF16
                ? HalfPrecision.fromBf16(HalfPrecision.toBf16(single))
                : single;
    }

    /** A tensor that starts inside its storage and whose rows are {@code stride} apart. */
    private Tensor guarded(CpuBackend backend, int stride, int... dims) {
        Shape shape = Shape.of(dims);
        Shape wide = shape.withCols(stride);
        CpuStorage storage = (CpuStorage) backend.allocate(DType.F32, wide.elements() + 2 * GUARD);
        Tensor tensor = Tensor.of(storage, GUARD, wide).columns(0, shape.cols());
        Arrays.fill(CpuStorage.rows(tensor).data(), SENTINEL);
        return tensor;
    }

    private Tensor randomTensor(CpuBackend backend, int stride, int... dims) {
        Tensor tensor = guarded(backend, stride, dims);
        // What lies between the rows must not be used: NaN would spread.
        Arrays.fill(CpuStorage.rows(tensor).data(), Float.NaN);
        backend.upload(randomValues(backend, (int) tensor.shape().elements()), 0, tensor);
        return tensor;
    }

    /** Compares with the expected values and looks for overwritten sentinels. */
    private static void check(String what, double[] expected, Tensor y, double tolerance) {
        float[] data = CpuStorage.rows(y).data();
        boolean[] written = new boolean[data.length];
        IntBinaryOperator position = (row, column) -> CpuStorage.rows(y).at(row) + column;
        for (int i = 0; i < expected.length; i++) {
            int p = position.applyAsInt(i / y.cols(), i % y.cols());
            written[p] = true;
            assertEquals(expected[i], data[p], tolerance, what + ": element " + i);
        }
        for (int p = 0; p < data.length; p++) {
            if (!written[p]) {
                assertEquals(SENTINEL, data[p], what + ": guard " + p);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void uploadsAndDownloadsRowByRow(CpuBackend backend) {
        try (backend) {
            float[] values = randomValues(backend, 35);
            Tensor t = guarded(backend, 9, 5, 7);
            backend.upload(values, 0, t);
            float[] back = new float[40];
            backend.download(t, back, 5);
            assertEquals(0, back[4]);
            assertEquals(0, Arrays.compare(values, 0, 35, back, 5, 40));
            assertEquals(SENTINEL, CpuStorage.rows(t).data()[GUARD + 7]);
        }
    }
}
