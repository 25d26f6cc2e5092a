package dev.sam2j.benchmarks;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.attention.Attention;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.AttentionSpec;
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
 * The attention shapes of the model on all processors. The counter {@code gflop} of the result is in GFLOP per second,
 * {@code 2 queries keys (dk + dv)} operations per head; keys of a window count in full where it reaches over the
 * border.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx4g"})
public class AttentionBenchmark {
    /**
     * {@code batch heads dk dv queries keys}: global attention of the trunk, decoder, memory attention; or
     * {@code window heads d grid size queryStride}: windows of the trunk on a square grid.
     */
    @Param({
        "1 4 96 96 4096 4096",
        "1 8 56 56 4096 4096",
        "1 8 72 72 4096 4096",
        "window 1 96 256 8 1",
        "window 2 96 256 8 2",
        "window 2 96 128 4 1",
        "window 4 96 64 14 1",
        "window 8 72 64 16 1",
        "window 8 96 32 7 1",
        "1 8 16 16 8 4096",
        "64 8 16 16 8 4096",
        "1 8 16 16 4096 8",
        "64 8 16 16 4096 8",
        "1 1 256 256 4096 4096",
        "1 1 256 64 4096 28736",
        "1 1 256 256 4096 28736"
    })
    private String shape;

    /** Format of the factors: fp32 or bf16. */
    @Param("fp32")
    private String precision;

    private final Random random = new Random(1);
    private Parallel parallel;
    private CpuKernels kernels;
    private AttentionSpec spec;
    private Tensor q;
    private Tensor k;
    private Tensor v;
    private Tensor out;

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
        parallel = new Parallel(Runtime.getRuntime().availableProcessors());
        kernels = BenchmarkKernels.of(precision);
        boolean windowed = shape.startsWith("window");
        String[] words = shape.replace("window ", "").split(" ");
        int[] n = new int[words.length];
        for (int i = 0; i < n.length; i++) {
            n[i] = Integer.parseInt(words[i]);
        }
        if (windowed) {
            int keys = n[2] * n[2];
            operands(1, n[0], n[1], n[1], keys / (n[4] * n[4]), keys);
            boolean padded = n[2] % n[3] != 0;
            Tensor pad = padded ? tensor(n[0] * n[1]) : null;
            spec = AttentionSpec.windowed(n[0], q.cols(), new AttentionSpec.Windows(n[2], n[2], n[3], n[4], pad, pad));
        } else {
            operands(n[0], n[1], n[2], n[3], n[4], n[5]);
            spec = AttentionSpec.global(n[1], q.cols());
        }
    }

    private void operands(int batch, int heads, int dk, int dv, int queries, int keys) {
        q = tensor(batch, queries, heads * dk);
        k = tensor(batch, keys, heads * dk);
        v = tensor(batch, keys, heads * dv);
        out = tensor(batch, queries, heads * dv);
    }

    private Tensor tensor(int... dims) {
        return RandomTensor.of(random, 1, dims);
    }

    /** Ends the threads. */
    @TearDown
    public void tearDown() {
        parallel.close();
    }

    /** One call. */
    @Benchmark
    public Tensor attention(Work work) {
        Attention.run(q, k, v, spec, out, null, kernels.attention(), kernels.products(), parallel);
        AttentionSpec.Windows windows = spec.windows();
        double keys = windows == null ? k.dim(1) : windows.size() * windows.size();
        work.gflop += 2e-9 * q.rows() * keys * (q.cols() + v.cols());
        return out;
    }
}
