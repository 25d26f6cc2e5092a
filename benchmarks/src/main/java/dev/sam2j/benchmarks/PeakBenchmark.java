package dev.sam2j.benchmarks;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The most fused multiply-adds one processor can do: twelve independent chains in registers, the yardstick of {@link
 * GemmBenchmark}. The score counts single fused multiply-adds on vectors per nanosecond; times {@code 2 * lanes} it is
 * GFLOP/s.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class PeakBenchmark {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int L = F.length();
    private static final int STEPS = 100_000;
    private static final int CHAINS = 12;

    private float[] values;

    /** Values that neither grow nor become denormal. */
    @Setup
    public void setUp() {
        values = new float[CHAINS * L];
        Arrays.fill(values, 0.5f);
    }

    /** {@code c = c * 0.5 + 0.5} in twelve chains. */
    @Benchmark
    @OperationsPerInvocation(STEPS * CHAINS)
    public float[] fma() {
        FloatVector m = FloatVector.broadcast(F, 0.5f);
        FloatVector c0 = FloatVector.fromArray(F, values, 0);
        FloatVector c1 = FloatVector.fromArray(F, values, L);
        FloatVector c2 = FloatVector.fromArray(F, values, 2 * L);
        FloatVector c3 = FloatVector.fromArray(F, values, 3 * L);
        FloatVector c4 = FloatVector.fromArray(F, values, 4 * L);
        FloatVector c5 = FloatVector.fromArray(F, values, 5 * L);
        FloatVector c6 = FloatVector.fromArray(F, values, 6 * L);
        FloatVector c7 = FloatVector.fromArray(F, values, 7 * L);
        FloatVector c8 = FloatVector.fromArray(F, values, 8 * L);
        FloatVector c9 = FloatVector.fromArray(F, values, 9 * L);
        FloatVector c10 = FloatVector.fromArray(F, values, 10 * L);
        FloatVector c11 = FloatVector.fromArray(F, values, 11 * L);
        for (int i = 0; i < STEPS; i++) {
            c0 = c0.fma(m, m);
            c1 = c1.fma(m, m);
            c2 = c2.fma(m, m);
            c3 = c3.fma(m, m);
            c4 = c4.fma(m, m);
            c5 = c5.fma(m, m);
            c6 = c6.fma(m, m);
            c7 = c7.fma(m, m);
            c8 = c8.fma(m, m);
            c9 = c9.fma(m, m);
            c10 = c10.fma(m, m);
            c11 = c11.fma(m, m);
        }
        c0.intoArray(values, 0);
        c1.intoArray(values, L);
        c2.intoArray(values, 2 * L);
        c3.intoArray(values, 3 * L);
        c4.intoArray(values, 4 * L);
        c5.intoArray(values, 5 * L);
        c6.intoArray(values, 6 * L);
        c7.intoArray(values, 7 * L);
        c8.intoArray(values, 8 * L);
        c9.intoArray(values, 9 * L);
        c10.intoArray(values, 10 * L);
        c11.intoArray(values, 11 * L);
        return values;
    }
}
