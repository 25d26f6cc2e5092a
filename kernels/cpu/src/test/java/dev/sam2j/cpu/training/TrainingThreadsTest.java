package dev.sam2j.cpu.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.AdamStep;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.tensor.training.TrainingOps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Equal operands give equal bits whatever the number of threads. */
class TrainingThreadsTest {
    /** Operands of one run, with equal values in each run, on one backend. */
    private static final class Run implements AutoCloseable {
        private final CpuBackend backend;
        private final Random random = new Random(11);
        private final List<Tensor> results = new ArrayList<>();
        private final List<Object> numbers = new ArrayList<>();

        Run(CpuKernels kernels, int threads) {
            backend = new CpuBackend(threads, kernels);
        }

        Tensor random(int... dims) {
            Shape shape = Shape.of(dims);
            float[] values = new float[(int) shape.elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            Tensor tensor = Tensor.of(backend.allocate(DType.F32, values.length), 0, shape);
            backend.upload(values, 0, tensor);
            return tensor;
        }

        /** A tensor whose values are compared in the end. */
        Tensor result(int... dims) {
            results.add(random(dims));
            return results.get(results.size() - 1);
        }

        List<float[]> values() {
            return results.stream()
                    .map(tensor -> {
                        float[] values = new float[(int) tensor.shape().elements()];
                        backend.download(tensor, values, 0);
                        return values;
                    })
                    .toList();
        }

        @Override
        public void close() {
            backend.close();
        }
    }

    static Stream<Named<Function<Integer, Run>>> kernels() {
        return Stream.of(
                Named.of("chosen", threads -> new Run(CpuKernels.choose(), threads)),
                Named.of("scalar", threads -> new Run(CpuKernels.scalar(), threads)));
    }

    private static void compare(Function<Integer, Run> open, Consumer<Run> body) {
        List<float[]> expected = null;
        List<Object> numbers = null;
        for (int threads : new int[] {1, 2, 5}) {
            try (Run run = open.apply(threads)) {
                body.accept(run);
                List<float[]> values = run.values();
                for (int i = 0; expected != null && i < values.size(); i++) {
                    assertArrayEquals(expected.get(i), values.get(i), "result " + i + " of " + threads + " threads");
                }
                expected = values;
                assertEquals(numbers == null ? run.numbers : numbers, run.numbers);
                numbers = run.numbers;
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void products(Function<Integer, Run> open) {
        compare(open, run -> {
            Tensor dY = run.random(9001, 70);
            run.backend.training().outer(dY, run.random(9001, 35), run.result(70, 35));
            run.backend.training().outer(run.random(2, 3000), run.random(2, 32), run.result(3000, 32));
            run.backend.training().multiply(run.random(3, 9001), dY, run.result(3, 70));
            try (PackedMatrix packed = run.backend.training().pack(run.random(70, 35), true)) {
                Tensor dX = run.result(9001, 35);
                run.backend.gemm(dY, packed, Epilogue.NONE.plus(dX), dX);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void layerNorm(Function<Integer, Run> open) {
        compare(
                open,
                run -> run.backend
                        .training()
                        .layerNormBackward(
                                run.random(3001, 37),
                                run.random(37),
                                1e-6f,
                                run.random(3001, 37),
                                run.result(3001, 37),
                                run.result(37),
                                run.result(37)));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void attention(Function<Integer, Run> open) {
        compare(open, run -> attention(run, 3, 9, 300, 3));
        compare(open, run -> attention(run, 3, 300, 9, 3));
        compare(open, run -> attention(run, 3, 9, 300, 1));
    }

    private static void attention(Run run, int batch, int queries, int keys, int keyBatch) {
        AttentionSpec spec = AttentionSpec.global(2, 32);
        Tensor q = run.random(batch, queries, 32);
        Tensor k = run.random(keyBatch, keys, 32);
        Tensor v = run.random(keyBatch, keys, 32);
        Tensor out = run.result(batch, queries, 32);
        Tensor logSumExp = run.result(batch, queries, 2);
        run.backend.training().attention(q, k, v, spec, out, logSumExp);
        run.backend
                .training()
                .attentionBackward(
                        q,
                        k,
                        v,
                        spec,
                        out,
                        logSumExp,
                        run.random(batch, queries, 32),
                        run.result(batch, queries, 32),
                        run.result(keyBatch, keys, 32),
                        run.result(keyBatch, keys, 32));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void sums(Function<Integer, Run> open) {
        compare(open, run -> {
            TrainingOps ops = run.backend.training();
            ops.sumRepeats(run.random(7000, 7), run.result(10, 7));
            ops.columnSums(run.random(300, 9001), run.result(9001));
            run.numbers.add(ops.squaredNorm(run.random(70, 1001)));
        });
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void elements(Function<Integer, Run> open) {
        compare(open, run -> {
            TrainingOps ops = run.backend.training();
            for (Activation function : Activation.values()) {
                ops.activationBackward(function, run.random(70, 1001), run.random(70, 1001), run.result(70, 1001));
            }
            Tensor square = run.result(70, 1001);
            ops.fill(square, 0.5f);
            AdamStep step = new AdamStep(1e-3, 0.9, 0.999, 1e-8, 0.1, 2, 1);
            ops.adamW(run.result(70, 1001), run.random(70, 1001), run.result(70, 1001), square, step);
        });
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void maskLoss(Function<Integer, Run> open) {
        compare(open, run -> {
            TrainingOps ops = run.backend.training();
            Tensor logits = run.random(2, 2, 41, 37);
            long[][] bits = new long[2][MaskBits.words(131, 131)];
            for (long[] mask : bits) {
                Arrays.setAll(mask, i -> run.random.nextLong());
            }
            MaskTruth truth = MaskTruth.of(131, bits);
            run.numbers.addAll(List.of(ops.maskLoss(logits, truth, 0.25f, 2)));
            double[] weights = {1, -2, 0, 0.5};
            ops.maskLossBackward(logits, truth, 0.25f, 2, weights, weights, weights, run.result(2, 2, 41, 37));
        });
    }
}
