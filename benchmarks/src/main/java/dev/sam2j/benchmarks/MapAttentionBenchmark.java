package dev.sam2j.benchmarks;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.attention.Attention;
import dev.sam2j.cpu.attention.AttentionProblem;
import dev.sam2j.cpu.attention.MapAttention;
import dev.sam2j.cpu.math.Pointwise;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.GemmEpilogue;
import dev.sam2j.cpu.products.PackedWeights;
import dev.sam2j.cpu.rows.Elementwise;
import dev.sam2j.cpu.rows.Rotary;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
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
    private static final float SCALE = 1f / 16;

    /** Remembered maps. */
    @Param({"1", "2", "4", "7"})
    private int maps;

    private final Random random = new Random(1);
    private Parallel parallel;
    private CpuKernels kernels;
    private Gemm gemm;
    private PackedWeights key;
    private Rows q;
    private Rows memories;
    private Rows positions;
    private Rows sums;
    private Rows keys;
    private Rows bias;
    private Rows rotary;
    private Rows out;
    private int memoryRows;

    /** Makes random operands; speed does not depend on the angles. */
    @Setup
    public void setUp() {
        parallel = new Parallel(Runtime.getRuntime().availableProcessors());
        kernels = CpuKernels.choose();
        gemm = new Gemm(kernels.gemm(), parallel);
        memoryRows = maps * PLACES + POINTERS;
        key = PackedWeights.pack(kernels.gemm(), rows(CHANNELS, MEMORY, 0.1).data(), CHANNELS, MEMORY);
        q = rows(PLACES, CHANNELS, 1);
        memories = rows(memoryRows, MEMORY, 1);
        positions = rows(memoryRows, MEMORY, 1);
        sums = rows(memoryRows, MEMORY, 0);
        keys = rows(memoryRows, CHANNELS, 0);
        bias = rows(1, CHANNELS, 1);
        rotary = rows(PLACES, CHANNELS, 1);
        out = rows(PLACES, MEMORY, 0);
    }

    private Rows rows(int rows, int columns, double deviation) {
        return RandomRows.of(random, rows, columns, deviation);
    }

    /** Ends the threads. */
    @TearDown
    public void tearDown() {
        parallel.close();
    }

    /** Columns and rows of the grid taken apart. */
    @Benchmark
    public float[] separated() {
        MapAttention.Problem problem = new MapAttention.Problem(
                SCALE, PLACES, SIDE, maps, POINTERS, q, memories, positions, key, bias, rotary, out);
        MapAttention.run(problem, kernels, parallel);
        return out.data();
    }

    /** All keys projected and turned. */
    @Benchmark
    public float[] projected() {
        Elementwise.add(memories, 1, positions, memoryRows, 1, sums, memoryRows, MEMORY, kernels.rows(), parallel);
        GemmEpilogue epilogue = GemmEpilogue.of(bias.data(), 0, Pointwise.NONE);
        gemm.run(sums.data(), 0, MEMORY, memoryRows, key, epilogue, keys.data(), 0, CHANNELS);
        Rotary.run(keys, rotary, PLACES, keys, 1, maps * PLACES, CHANNELS, parallel);
        AttentionProblem problem = new AttentionProblem(
                1,
                1,
                CHANNELS,
                MEMORY,
                SCALE,
                PLACES,
                memoryRows,
                false,
                false,
                q,
                keys,
                memories,
                out,
                null,
                null,
                null);
        Attention.run(problem, kernels, parallel);
        return out.data();
    }
}
