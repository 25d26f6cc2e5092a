package dev.sam2j.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.Precision;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.host.HalfPrecision;
import dev.sam2j.tensor.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Base of the tests that hold every backend to {@link ReferenceBackend}: those that the module under test supplies as
 * {@link ContractBackends}. {@code dev.sam2j.test.device=cpu} or {@code cuda}, with {@code
 * dev.sam2j.test.precision=fp32}, {@code fp16} or {@code bf16}, chooses one real device; what this machine lacks is
 * reported as skipped, with the reason. {@value #PROPERTY} lists backends by name.
 *
 * <p>All memory around and between the rows of a tensor is NaN: whatever reads it spoils its result, whatever writes
 * it is found out. Destinations start as NaN, so elements that were not written are found too.
 *
 * <p>Tensors have the backend's type of activations, but those of one dimension are float32, as the parameters of
 * models are. Values for types of two bytes are rounded before either backend gets them.
 *
 * <p>Tests share nothing: a module that lets JUnit run tests in parallel has them run side by side.
 */
@Tag("contract")
@Execution(ExecutionMode.CONCURRENT)
@ParameterizedClass(name = "{0}")
@MethodSource("dev.sam2j.tensor.contract.BackendContract#backends")
abstract class BackendContract {
    static final String PROPERTY = "dev.sam2j.test.backends";

    /** Elements before and after a tensor, so many that rows without gaps start at multiples of 16 bytes. */
    private static final int GUARD = 40;
    /** The same for rows with gaps, which start anywhere. */
    private static final int ODD_GUARD = 37;

    private final Backend reference = new ReferenceBackend();
    private Random random;
    private Backend backend;

    @Parameter
    String backendName;

    private static List<ContractBackends> suppliers() {
        return ServiceLoader.load(ContractBackends.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    static Stream<String> backends() {
        String chosen = System.getProperty(PROPERTY);
        if (chosen != null) {
            return Arrays.stream(chosen.split(","));
        }
        String device = System.getProperty("dev.sam2j.test.device");
        String precision = System.getProperty("dev.sam2j.test.precision");
        return suppliers().stream().flatMap(supplier -> supplier.names(device, precision).stream());
    }

    @BeforeEach
    void open() {
        random = new Random(20240729);
        backend = suppliers().stream()
                .flatMap(supplier -> supplier.open(backendName).stream())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(PROPERTY + ": no backend " + backendName));
    }

    @AfterEach
    void close() {
        if (backend != null) {
            backend.close();
        }
    }

    /** A tensor on both backends. */
    final class Operand {
        private final Tensor expected;
        private final Tensor actual;

        private Operand(Tensor expected, Tensor actual) {
            this.expected = expected;
            this.actual = actual;
        }

        Tensor on(Backend target) {
            return target == reference ? expected : actual;
        }
    }

    /** A matrix packed on both backends. */
    record Matrix(PackedMatrix expected, PackedMatrix actual) {
        PackedMatrix on(Backend target) {
            return target instanceof ReferenceBackend ? expected : actual;
        }
    }

    /** Normally distributed values without gaps between the rows. */
    Operand input(int... dims) {
        return spread(0, 1, dims);
    }

    /** Normally distributed values times {@code deviation}; rows are {@code gap} elements apart. */
    Operand spread(int gap, double deviation, int... dims) {
        float[] values = new float[(int) Shape.of(dims).elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values(gap, values, dims);
    }

    Operand values(int gap, float[] given, int... dims) {
        Operand operand = output(gap, dims);
        float[] values = rounded(given, operand.actual.shape().rank() == 1 ? DType.F32 : factorType());
        reference.upload(values, 0, operand.expected);
        backend.upload(values, 0, operand.actual);
        return operand;
    }

    private static float[] rounded(float[] values, DType type) {
        float[] result = values.clone();
        for (int i = 0; i < values.length; i++) {
            result[i] = switch (type) {
                case F32 -> values[i];
                case F16 -> HalfPrecision.fromF16(HalfPrecision.toSaturatedF16(values[i]));
                case BF16 -> HalfPrecision.fromBf16(HalfPrecision.toBf16(values[i]));
            };
        }
        return result;
    }

    /** NaN throughout. */
    Operand output(int gap, int... dims) {
        return new Operand(guarded(reference, gap, Shape.of(dims)), guarded(backend, gap, Shape.of(dims)));
    }

    private static Tensor guarded(Backend target, int gap, Shape shape) {
        int stride = shape.cols() + gap;
        int guard = gap == 0 ? GUARD : ODD_GUARD;
        long elements = (long) shape.rows() * stride + 2 * guard;
        DType type = shape.rank() == 1 ? DType.F32 : target.info().activationType();
        Tensor all = Tensor.of(target.allocate(type, elements), 0, Shape.of((int) elements));
        float[] nan = new float[(int) elements];
        Arrays.fill(nan, Float.NaN);
        target.upload(nan, 0, all);
        Tensor wide = Tensor.of(all.storage(), guard, shape.withCols(stride));
        return gap == 0 ? wide : wide.columns(gap / 2, gap / 2 + shape.cols());
    }

    Matrix matrix(int out, int in) {
        float[] values = new float[out * in];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        values = rounded(values, factorType());
        return new Matrix(reference.pack(values, out, in), backend.pack(values, out, in));
    }

    /** Whether the backend stores activations and weights in two bytes. */
    boolean inHalves() {
        return backend.info().activationType() != DType.F32;
    }

    /** What the backend rounds activations and weights to before it multiplies them. */
    private DType factorType() {
        boolean bf16 = backend.info().precision() == Precision.BF16;
        return bf16 ? DType.BF16 : backend.info().activationType();
    }

    /** Unit roundoff of the type that factors have, half of the distance from 1 to the next; 0 for float32. */
    double roundoff() {
        return switch (factorType()) {
            case F32 -> 0;
            case F16 -> 0x1p-11;
            case BF16 -> 0x1p-8;
        };
    }

    Random random() {
        return random;
    }

    /** Runs an operation on both backends. */
    void run(Consumer<Backend> operation) {
        operation.accept(reference);
        operation.accept(backend);
        backend.synchronize();
    }

    /** Runs a fused operation in the form that a backend has. */
    static void fused(Backend target, FusedOp op) {
        try (Ops ops = new Ops(target)) {
            ops.run(op);
        }
    }

    /**
     * Checks {@code |actual - expected| <= absolute + relative |expected|}, and that nothing around was written.
     * Results of a backend that multiplies two bytes may be off by another roundoff, unless both bounds are 0.
     */
    void assertClose(Operand operand, double absolute, double relative) {
        assertClose(operand, absolute, relative, 0);
    }

    /**
     * {@link #assertClose(Operand, double, double)} for an operation that rounds on the way.
     *
     * @param rounded size of the values that a backend of less precision rounds before the result; it may be off by
     *     the roundoff of that
     */
    void assertClose(Operand operand, double absolute, double relative, double rounded) {
        float[] expected = contents(reference, operand.expected);
        float[] actual = contents(backend, operand.actual);
        boolean exact = absolute == 0 && relative == 0 && rounded == 0;
        double half = exact ? 0 : roundoff();
        for (int i = 0; i < expected.length; i++) {
            double bound = absolute + relative * Math.abs(expected[i]) + half * (Math.abs(expected[i]) + rounded);
            int index = i;
            assertTrue(
                    Math.abs((double) actual[i] - expected[i]) <= bound,
                    () -> "element " + index + " of " + operand.actual + ": expected " + expected[index] + ", got "
                            + actual[index] + ", bound " + bound);
        }
        assertGuards(operand);
    }

    /** Checks that nothing around a tensor was written. */
    void assertGuards(Operand operand) {
        Storage storage = operand.actual.storage();
        float[] all = contents(backend, Tensor.of(storage, 0, Shape.of((int) storage.elements())));
        int stride = operand.actual.rowStride();
        for (int i = 0; i < all.length; i++) {
            long inside = i - operand.actual.offset();
            boolean element =
                    inside >= 0 && inside / stride < operand.actual.rows() && inside % stride < operand.actual.cols();
            if (!element) {
                assertEquals(Float.NaN, all[i], "memory around the result was written at element " + i);
            }
        }
    }

    static float[] contents(Backend target, Tensor tensor) {
        float[] values = new float[(int) tensor.shape().elements()];
        target.download(tensor, values, 0);
        return values;
    }

    Backend backend() {
        return backend;
    }

    Backend reference() {
        return reference;
    }
}
