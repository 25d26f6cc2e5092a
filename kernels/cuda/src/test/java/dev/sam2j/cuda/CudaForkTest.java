package dev.sam2j.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sam2j.Precision;
import dev.sam2j.cuda.device.CudaStorage;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Branch;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.ForkPoint;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Work on the side stream, which the fake device runs as late as it may or as early as it may. */
class CudaForkTest {
    private static final int LENGTH = 100;

    /** A device, and operations for either stream. */
    private static final class Setup implements AutoCloseable {
        private final FakeCudaDriver driver = new FakeCudaDriver();
        private final CudaBackend backend = FakeCuda.backend(driver, Precision.FP32);
        private final Ops ops = new Ops(backend);
        private final Ops sideOps = new Ops(backend);

        Setup(boolean atOnce) {
            if (atOnce) {
                driver.runAsideAtOnce();
            }
        }

        /** Adds a number to the elements of a tensor. */
        void plus(Tensor from, float number, Tensor to) {
            backend.unary(from, 1, number, Activation.NONE, to);
        }

        @Override
        public void close() {
            ops.close();
            sideOps.close();
            backend.close();
            assertEquals(Set.of(), driver.leaks());
        }
    }

    private static float[] filled(float value) {
        float[] values = new float[LENGTH];
        Arrays.fill(values, value);
        return values;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void seesWhatWasBeforeAndIsSeenAfterItIsJoined(boolean atOnce) {
        try (Setup s = new Setup(atOnce)) {
            Tensor x = s.ops.tensor(filled(1), LENGTH);
            Tensor y = s.ops.empty(LENGTH);
            s.plus(x, 1, x);
            Branch branch = s.backend.forkPoint().fork(() -> {
                s.plus(x, 10, y);
                s.plus(y, 10, y);
            });
            Tensor z = s.ops.empty(LENGTH);
            s.plus(x, 5, z);
            branch.join();
            s.plus(x, 100, x); // not before the branch has read it
            branch.join();
            s.plus(y, 0.5f, y);
            assertArrayEquals(filled(22.5f), s.ops.toHost(y));
            assertArrayEquals(filled(7), s.ops.toHost(z));
            assertArrayEquals(filled(102), s.ops.toHost(x));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void startsAtItsPointNotWhereItIsQueued(boolean atOnce) {
        try (Setup s = new Setup(atOnce)) {
            Tensor x = s.ops.tensor(filled(1), LENGTH);
            Tensor y = s.ops.empty(LENGTH);
            Tensor z = s.ops.tensor(filled(0), LENGTH);
            ForkPoint point = s.backend.forkPoint();
            s.plus(x, 1, x);
            // z has not changed on the main stream, so it does not matter that x has
            Branch branch = point.fork(() -> s.plus(z, 5, y));
            s.plus(x, 1, x);
            branch.join();
            assertArrayEquals(filled(5), s.ops.toHost(y));
            assertArrayEquals(filled(3), s.ops.toHost(x));
        }
    }

    /** What was freed after the point may be in use by work after the point. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void memoryFreedAfterThePointIsNotWrittenTooEarly(boolean atOnce) {
        try (Setup s = new Setup(atOnce)) {
            Tensor y = s.ops.empty(LENGTH);
            Storage used = s.backend.allocate(DType.F32, LENGTH);
            Tensor x = Tensor.of(used, 0, Shape.of(LENGTH));
            ForkPoint point = s.backend.forkPoint();
            s.backend.upload(filled(3), 0, x);
            s.plus(x, 1, y);
            used.close();
            Storage[] taken = new Storage[1];
            Branch branch = point.fork(() -> {
                taken[0] = s.backend.allocate(DType.F32, LENGTH);
                s.backend.upload(filled(8), 0, Tensor.of(taken[0], 0, Shape.of(LENGTH)));
            });
            assertArrayEquals(filled(4), s.ops.toHost(y));
            branch.join();
            taken[0].close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void memoryGivenBackIsNotUsedAgainBeforeTheJoin(boolean atOnce) {
        try (Setup s = new Setup(atOnce)) {
            Storage storage = s.backend.allocate(DType.F32, LENGTH);
            long address = ((CudaStorage) storage).address();
            Tensor x = Tensor.of(storage, 0, Shape.of(LENGTH));
            Tensor y = s.ops.empty(LENGTH);
            s.backend.upload(filled(3), 0, x);
            Branch branch = s.backend.forkPoint().fork(() -> s.plus(x, 1, y));
            storage.close();
            Storage early = s.backend.allocate(DType.F32, LENGTH);
            s.backend.upload(filled(9), 0, Tensor.of(early, 0, Shape.of(LENGTH)));
            s.backend.synchronize();
            assertNotEquals(address, ((CudaStorage) early).address());
            branch.join();
            Storage late = s.backend.allocate(DType.F32, LENGTH);
            assertEquals(address, ((CudaStorage) late).address());
            assertArrayEquals(filled(4), s.ops.toHost(y));
            early.close();
            late.close();
        }
    }

    /** Products whose intermediate results lie in scratch memory, with a sum that is put off. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lanesHaveScratchMemoryAndSumsOfTheirOwn(boolean atOnce) {
        FakeCudaDriver driver = new FakeCudaDriver();
        if (atOnce) {
            driver.runAsideAtOnce();
        }
        try (CudaBackend backend = FakeCuda.backend(driver, Precision.BF16);
                Ops ops = new Ops(backend);
                Ops sideOps = new Ops(backend)) {
            float[] unit = new float[64 * 64];
            for (int i = 0; i < 64; i++) {
                unit[64 * i + i] = 1;
            }
            PackedMatrix w = backend.pack(unit, 64, 64);
            Tensor one = ops.tensor(new float[8 * 64], 8, 64);
            Tensor two = ops.tensor(new float[8 * 64], 8, 64);
            ops.unary(one, 1, 1, Activation.NONE, one);
            ops.unary(two, 1, 2, Activation.NONE, two);
            Tensor sumOne = ops.emptyF32(8, 64);
            Tensor sumTwo = ops.emptyF32(8, 64);
            ops.unary(one, 0, 10, Activation.NONE, sumOne);
            ops.unary(two, 0, 20, Activation.NONE, sumTwo);
            Branch branch = backend.forkPoint().fork(() -> sideOps.gemm(one, w, Epilogue.NONE.plus(sumOne), sumOne));
            ops.gemm(two, w, Epilogue.NONE.plus(sumTwo), sumTwo);
            branch.join();
            assertEquals(11, ops.toHost(sumOne)[5]);
            assertEquals(22, ops.toHost(sumTwo)[5]);
            w.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void recordingsOfEitherLaneRunThere(boolean atOnce) {
        try (Setup s = new Setup(atOnce)) {
            Tensor x = s.ops.empty(LENGTH);
            Tensor y = s.ops.empty(LENGTH);
            Runnable section = () -> {
                try (Workspace.Frame frame = s.sideOps.frame()) {
                    s.sideOps.capture(
                            Section.of("twice", this),
                            () -> {
                                Tensor once = s.sideOps.empty(LENGTH);
                                s.plus(x, 1, once);
                                s.plus(once, 1, y);
                            },
                            x,
                            y);
                }
            };
            for (int i = 0; i < 4; i++) {
                s.backend.upload(filled(i), 0, x);
                s.backend.forkPoint().fork(section).join();
                assertArrayEquals(filled(i + 2), s.ops.toHost(y));
                s.backend.upload(filled(10 + i), 0, x);
                section.run();
                assertArrayEquals(filled(i + 12), s.ops.toHost(y));
            }
            assertEquals(2, s.backend.device().graphs().size());
            assertEquals(4, s.backend.device().graphs().replays());
            assertEquals(List.of(), s.backend.device().graphs().refusals());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void constantsLoadedAsideMayBeUsedAtOnce(boolean atOnce) {
        try (Setup s = new Setup(atOnce)) {
            Tensor x = s.ops.tensor(new float[] {1, 2}, 1, 2);
            PackedMatrix[] w = new PackedMatrix[1];
            Branch branch = s.backend.forkPoint().fork(() -> w[0] = s.backend.pack(new float[] {0, 1, 1, 0}, 2, 2));
            assertArrayEquals(new float[] {2, 1}, s.ops.toHost(s.ops.gemm(x, w[0], Epilogue.NONE)));
            branch.join();
            w[0].close();
        }
    }

    @Test
    void otherThreadsAndForksInsideForksStayInTheirOrder() {
        try (Setup s = new Setup(false)) {
            Tensor x = s.ops.tensor(filled(1), LENGTH);
            Tensor y = s.ops.empty(LENGTH);
            Branch branch = s.backend.forkPoint().fork(() -> {
                CompletableFuture.runAsync(() -> s.plus(x, 1, y)).join();
                s.backend.forkPoint().fork(() -> s.plus(x, 2, x)).join();
                s.plus(x, 2, x);
            });
            assertArrayEquals(filled(2), s.ops.toHost(y));
            branch.join();
            assertArrayEquals(filled(5), s.ops.toHost(x));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anErrorInsideJoins(boolean atOnce) {
        try (Setup s = new Setup(atOnce)) {
            Tensor x = s.ops.tensor(filled(1), LENGTH);
            IllegalStateException thrown = assertThrows(
                    IllegalStateException.class,
                    () -> s.backend.forkPoint().fork(() -> {
                        s.plus(x, 1, x);
                        throw new IllegalStateException("stop");
                    }));
            assertEquals("stop", thrown.getMessage());
            s.plus(x, 1, x);
            assertArrayEquals(filled(3), s.ops.toHost(x));
        }
    }

    @Test
    void joiningAfterTheEndHasNoEffect() {
        Branch branch;
        try (Setup s = new Setup(false)) {
            Tensor x = s.ops.tensor(filled(1), LENGTH);
            branch = s.backend.forkPoint().fork(() -> s.plus(x, 1, x));
        }
        branch.join();
    }
}
