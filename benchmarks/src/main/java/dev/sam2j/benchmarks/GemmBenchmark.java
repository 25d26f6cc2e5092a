package dev.sam2j.benchmarks;

import dev.sam2j.cpu.math.Pointwise;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.GemmEpilogue;
import dev.sam2j.cpu.products.PackedWeights;
import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.runtime.Parallel;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * Matrix products of the image encoder on all processors, with a bias. The counter {@code gflop} of the result is in
 * GFLOP per second, {@code 2 M N K} operations each; compare with {@link PeakBenchmark} times the number of processors.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class GemmBenchmark {
    /** Rows x output columns x depth. */
    @Param({
        "65536x288x96",
        "16384x576x192",
        "4096x1152x384",
        "4096x384x1536",
        "4096x1536x384",
        "1024x3072x768",
        "1024x768x3072",
        "4096x1728x576",
        "65536x432x144"
    })
    private String shape;

    /** Format of the factors: fp32 or bf16. */
    @Param("fp32")
    private String precision;

    private Parallel parallel;
    private Gemm gemm;
    private PackedWeights weights;
    private GemmEpilogue epilogue;
    private float[] x;
    private float[] y;
    private int rows;

    /** Work per second beside the calls per second. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Work {
        /** Operations in units of 10^9. */
        public double gflop;

        /** Starts an iteration. */
        @Setup(Level.Iteration)
        public void clear() {
            gflop = 0;
        }
    }

    /** Makes random operands. */
    @Setup
    public void setUp() {
        String[] sizes = shape.split("x");
        rows = Integer.parseInt(sizes[0]);
        int out = Integer.parseInt(sizes[1]);
        int in = Integer.parseInt(sizes[2]);
        Random random = new Random(1);
        x = random(random, rows * in);
        y = new float[rows * out];
        parallel = new Parallel(Runtime.getRuntime().availableProcessors());
        ProductKernel kernel = BenchmarkKernels.of(precision).products();
        gemm = new Gemm(kernel, parallel);
        weights = PackedWeights.pack(kernel, random(random, out * in), out, in);
        epilogue = GemmEpilogue.of(random(random, out), 0, Pointwise.NONE);
    }

    private static float[] random(Random random, int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    /** One product. */
    @Benchmark
    public float[] gemm(Work work) {
        gemm.run(x, 0, weights.in(), rows, weights, epilogue, y, 0, weights.out());
        work.gflop += 2e-9 * rows * weights.out() * weights.in();
        return y;
    }

    /** Ends the threads. */
    @TearDown
    public void tearDown() {
        parallel.close();
    }
}
