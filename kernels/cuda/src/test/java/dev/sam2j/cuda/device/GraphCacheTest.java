package dev.sam2j.cuda.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.Precision;
import dev.sam2j.cuda.CudaBackend;
import dev.sam2j.cuda.FakeCuda;
import dev.sam2j.cuda.FakeCudaDriver;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.fused.FillHoles;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GraphCacheTest {
    private final FakeCudaDriver driver = new FakeCudaDriver();
    private final CudaBackend backend = FakeCuda.backend(driver, Precision.FP32);
    private final GraphCache graphs = backend.device().graphs();
    private final Ops ops = new Ops(backend);
    private final Tensor x = ops.tensor(new float[] {1, 2, 3}, 3);
    private final Tensor y = ops.empty(3);
    private int runs;

    @AfterEach
    void close() {
        ops.close();
        backend.close();
        assertEquals(Set.of(), driver.leaks());
    }

    /** {@code y = 2 x + 1} by way of a tensor of the section's own. */
    private void section(Object variant, Tensor from, Tensor to) {
        ops.capture(
                new Section("twice", this, variant),
                () -> {
                    runs++;
                    Tensor twice = ops.empty(3);
                    ops.unary(from, 2, 0, Activation.NONE, twice);
                    ops.unary(twice, 1, 1, Activation.NONE, to);
                },
                from,
                to);
    }

    private void upload(float... values) {
        backend.upload(values, 0, x);
    }

    @Test
    void runsThenRecordsThenRepeats() {
        for (int i = 0; i < 5; i++) {
            upload(i, 2, 3);
            section("", x, y);
            assertArrayEquals(new float[] {2 * i + 1, 5, 7}, ops.toHost(y));
        }
        assertEquals(2, runs);
        assertEquals(3, graphs.replays());
        assertEquals(1, graphs.size());
    }

    @Test
    void otherTensorsPlacesAndVariantsAreOtherRecordings() {
        section("", x, y);
        section("a", x, y);
        section("", y, x);
        try (Workspace.Frame frame = ops.frame()) {
            ops.empty(100);
            section("", x, y);
        }
        assertEquals(4, runs);
        assertEquals(0, graphs.size());
        section("a", x, y);
        section("a", x, y);
        assertEquals(5, runs);
        assertEquals(1, graphs.size());
    }

    @Test
    void freeingMemoryDropsItsRecordings() {
        Storage storage = backend.allocate(DType.F32, 3);
        Tensor z = Tensor.of(storage, 0, Shape.of(3));
        for (int i = 0; i < 3; i++) {
            section("", x, z);
            section("", x, y);
        }
        assertEquals(2, graphs.size());
        storage.close();
        assertEquals(1, graphs.size());
        section("", x, y);
        assertEquals(3, graphs.replays());
    }

    @Test
    void theOldestRecordingGoesFirst() {
        for (int variant = 0; variant < FakeCuda.SETTINGS.maxGraphs() + 3; variant++) {
            for (int i = 0; i < 3; i++) {
                section(variant, x, y);
            }
        }
        assertEquals(FakeCuda.SETTINGS.maxGraphs(), graphs.size());
    }

    /** A section that does what it must not is run every time. */
    private void refused(String reason, Consumer<Tensor> forbidden) {
        for (int i = 0; i < 4; i++) {
            upload(i, 2, 3);
            ops.capture(
                    new Section("bad", this, reason),
                    () -> {
                        ops.unary(x, 2, 0, Activation.NONE, y);
                        forbidden.accept(y);
                    },
                    x,
                    y);
            assertArrayEquals(new float[] {2 * i, 4, 6}, ops.toHost(y));
        }
        assertTrue(
                graphs.refusals().contains("bad " + reason), graphs.refusals().toString());
        assertEquals(0, graphs.size());
    }

    @Test
    void holesAreFilledInRecordings() {
        for (int i = 0; i < 4; i++) {
            upload(-1, 0, i);
            Section fill = new Section("fill", this, "");
            ops.capture(fill, () -> ops.run(new FillHoles(x.reshape(1, 1, 3), 2, 5)), x);
            assertArrayEquals(i == 0 ? new float[] {-1, 0, 0} : new float[] {5, 5, i}, ops.toHost(x));
        }
        assertEquals(1, graphs.size());
    }

    @Test
    void recordingsMustNotTouchTheHostOrMemory() {
        refused("uploads values", t -> ops.tensor(new float[3], 3));
        refused("downloads values", t -> ops.toHost(t));
        refused("waits", t -> backend.synchronize());
        refused("allocates memory", t -> backend.allocate(DType.F32, 5).close());
        refused("downloads a mask", t -> ops.thresholdMask(t.reshape(1, 3), 2, 2, 0));
        int[] calls = new int[2];
        refused("takes more scratch memory", t -> {
            if (calls[0]++ == 1) { // in the recording, not in the run before it
                backend.device().scratch(1 << 20);
            }
        });
        refused("compiles a kernel", t -> {
            if (calls[1]++ == 1) {
                ops.layerNorm(t.reshape(1, 3), x, x, 1e-6f, Activation.NONE, ops.empty(1, 3));
            }
        });
    }

    @Test
    void anErrorInARecordingIsPassedOnAndLeavesNothing() {
        for (int i = 0; i < 3; i++) {
            boolean fails = i == 1;
            Runnable call = () -> ops.capture(
                    Section.of("sometimes", this),
                    () -> {
                        ops.unary(x, 2, 0, Activation.NONE, y);
                        if (fails) {
                            throw new IllegalArgumentException("on purpose");
                        }
                    },
                    x,
                    y);
            if (fails) {
                assertThrows(IllegalArgumentException.class, call::run);
            } else {
                call.run();
            }
            assertArrayEquals(new float[] {2, 4, 6}, ops.toHost(y));
        }
        assertEquals(0, graphs.size());
    }

    @Test
    void aSectionInsideAnotherBelongsToIt() {
        for (int i = 0; i < 3; i++) {
            ops.capture(Section.of("outer", this), () -> section("", x, y), x, y);
        }
        assertEquals(2, runs);
        assertEquals(1, graphs.replays());
        // the inner one was met once on its own, when the outer one was run
        assertEquals(1, graphs.size());
    }
}
