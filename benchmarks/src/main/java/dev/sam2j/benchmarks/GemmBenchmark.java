package dev.sam2j.benchmarks;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.products.CpuMatrix;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;
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
    private PackedMatrix weights;
    private Epilogue epilogue;
    private Tensor x;
    private Tensor y;

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
        int rows = Integer.parseInt(sizes[0]);
        int out = Integer.parseInt(sizes[1]);
        int in = Integer.parseInt(sizes[2]);
        Random random = new Random(1);
        x = RandomTensor.of(random, 0.3, rows, in);
        y = RandomTensor.of(random, 0, rows, out);
        parallel = new Parallel(Runtime.getRuntime().availableProcessors());
        CpuKernels kernels = BenchmarkKernels.of(precision);
        gemm = new Gemm(kernels.products(), kernels.rows(), parallel);
        float[] matrix = CpuStorage.rows(RandomTensor.of(random, 0.3, out, in)).data();
        weights = CpuMatrix.pack(matrix, out, in, kernels.products(), kernels.gemm(), parallel);
        epilogue = Epilogue.bias(RandomTensor.of(random, 0.3, out));
    }

    /** One product. */
    @Benchmark
    public Tensor gemm(Work work) {
        gemm.run(x, weights, epilogue, y);
        work.gflop += 2e-9 * x.rows() * weights.out() * weights.in();
        return y;
    }

    /** Ends the threads. */
    @TearDown
    public void tearDown() {
        parallel.close();
    }
}
