package dev.sam2j.benchmarks;

import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.AttendMaps;
import dev.sam2j.tensor.fused.Projection;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
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
 * One layer's attention of a frame to its memories on all processors: {@link AttendMaps} beside projecting and turning
 * all keys.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class AttendMapsBenchmark {
    private static final int SIDE = 64;
    private static final int PLACES = SIDE * SIDE;
    private static final int CHANNELS = 256;
    private static final int MEMORY = 64;
    private static final int POINTERS = 64;

    /** Remembered maps. */
    @Param({"1", "2", "4", "7"})
    private int maps;

    private final Random random = new Random(1);
    private Ops ops;
    private AttendMaps attendMaps;

    /** Makes random operands; speed does not depend on the angles. */
    @Setup
    public void setUp() {
        ops = new Ops(Backends.open(System.getProperty("sam2j.device", "cpu"), BackendOptions.DEFAULT));
        int memories = maps * PLACES + POINTERS;
        attendMaps = new AttendMaps(
                random(1, 1, PLACES, CHANNELS),
                random(1, 1, memories, MEMORY),
                random(1, 1, memories, MEMORY),
                POINTERS,
                new Projection(
                        ops.backend().pack(values(CHANNELS * MEMORY, 0.1), CHANNELS, MEMORY), random(1, CHANNELS)),
                random(1, PLACES, CHANNELS),
                ops.empty(1, PLACES, MEMORY));
    }

    private Tensor random(double deviation, int... dims) {
        Tensor tensor = ops.emptyF32(dims);
        ops.backend().upload(values((int) tensor.shape().elements(), deviation), 0, tensor);
        return tensor;
    }

    private float[] values(int n, double deviation) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    /** Ends the threads. */
    @TearDown
    public void tearDown() {
        ops.close();
        ops.backend().close();
    }

    /** Columns and rows of the grid taken apart. */
    @Benchmark
    public void separated() {
        ops.run(attendMaps);
        ops.backend().synchronize();
    }

    /** All keys projected and turned. */
    @Benchmark
    public void projected() {
        attendMaps.unfused(ops);
        ops.backend().synchronize();
    }
}
