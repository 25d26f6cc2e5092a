package dev.sam2j.benchmarks;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.attention.Attention;
import dev.sam2j.cpu.attention.MapAttention;
import dev.sam2j.cpu.products.CpuMatrix;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.rows.Add;
import dev.sam2j.cpu.rows.Rotary;
import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Tensor;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One layer's attention of a frame to its memories on all processors: {@link MapAttention} beside projecting and
 * turning all keys.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class MapAttentionBenchmark {
    private static final int SIDE = 64;
    private static final int PLACES = SIDE * SIDE;
    private static final int CHANNELS = 256;
    private static final int MEMORY = 64;
    private static final int POINTERS = 64;
    private static final AttentionSpec SPEC = AttentionSpec.global(1, CHANNELS);

    /** Remembered maps. */
    @Param({"1", "2", "4", "7"})
    private int maps;

    private final Random random = new Random(1);
    private Parallel parallel;
    private CpuKernels kernels;
    private Gemm gemm;
    private CpuMatrix key;
    private Tensor q;
    private Tensor memories;
    private Tensor positions;
    private Tensor sums;
    private Tensor keys;
    private Tensor bias;
    private Tensor rotary;
    private Tensor out;

    /** Makes random operands; speed does not depend on the angles. */
    @Setup
    public void setUp() {
        parallel = new Parallel(Runtime.getRuntime().availableProcessors());
        kernels = CpuKernels.choose();
        gemm = new Gemm(kernels.gemm(), kernels.rows(), parallel);
        int count = maps * PLACES + POINTERS;
        float[] matrix = CpuStorage.data(tensor(0.1, CHANNELS, MEMORY));
        key = CpuMatrix.pack(matrix, CHANNELS, MEMORY, kernels.gemm(), kernels.gemm(), parallel);
        q = tensor(1, 1, PLACES, CHANNELS);
        memories = tensor(1, 1, count, MEMORY);
        positions = tensor(1, 1, count, MEMORY);
        sums = tensor(0, 1, count, MEMORY);
        keys = tensor(0, 1, count, CHANNELS);
        bias = tensor(1, CHANNELS);
        rotary = tensor(1, PLACES, CHANNELS);
        out = tensor(0, 1, PLACES, MEMORY);
    }

    private Tensor tensor(double deviation, int... dims) {
        return RandomTensor.of(random, deviation, dims);
    }

    /** Ends the threads. */
    @TearDown
    public void tearDown() {
        parallel.close();
    }

    /** Columns and rows of the grid taken apart. */
    @Benchmark
    public Tensor separated() {
        MapAttention.Problem problem = new MapAttention.Problem(
                SPEC.scale(),
                PLACES,
                SIDE,
                maps,
                POINTERS,
                rows(q),
                rows(memories),
                rows(positions),
                CpuMatrix.weights(key),
                bias,
                rows(rotary),
                rows(out));
        MapAttention.run(problem, kernels, parallel);
        return out;
    }

    /** All keys projected and turned. */
    @Benchmark
    public Tensor projected() {
        Add.run(memories, 1, positions, 1, sums, kernels.rows(), parallel);
        gemm.run(sums, key, Epilogue.bias(bias), keys);
        Tensor turned =
                keys.reshape(keys.rows(), CHANNELS).slice(0, maps * PLACES).reshape(1, maps * PLACES, CHANNELS);
        Rotary.run(turned, rotary, turned, parallel);
        Attention.run(q, keys, memories, SPEC, out, kernels.attention(), kernels.gemm(), parallel);
        return out;
    }
}
