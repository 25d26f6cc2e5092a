package dev.sam2j.cpu.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParallelTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void runsEveryIndexOnce(int threads) {
        try (Parallel parallel = new Parallel(threads)) {
            for (int n : new int[] {0, 1, 2, 3, 17, 1000}) {
                AtomicIntegerArray counts = new AtomicIntegerArray(Math.max(n, 1));
                parallel.forEach(n, (i, scratch) -> counts.incrementAndGet(i));
                for (int i = 0; i < n; i++) {
                    assertEquals(1, counts.get(i), "index " + i + " of " + n);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void firstCallWaitsForAThread(int threads) {
        AtomicInteger order = new AtomicInteger();
        Thread before = new Thread(() -> {
            for (int i = 0; i < 20; i++) {
                Thread.onSpinWait();
                Thread.yield();
            }
            order.compareAndSet(0, 1);
        });
        try (Parallel parallel = new Parallel(threads)) {
            parallel.waitFor(before);
            before.start();
            parallel.forEach(3, (i, scratch) -> order.compareAndSet(0, 2));
            assertEquals(1, order.get());
            assertFalse(before.isAlive());
        }
    }

    @Test
    void waitingKeepsAnInterruption() {
        Thread before = new Thread(() -> {
            for (int i = 0; i < 20; i++) {
                Thread.yield();
            }
        });
        try (Parallel parallel = new Parallel(1)) {
            parallel.waitFor(before);
            before.start();
            Thread.currentThread().interrupt();
            parallel.forEach(1, (i, scratch) -> {});
            assertTrue(Thread.interrupted());
            assertFalse(before.isAlive());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void rangesCoverWithoutOverlap(int threads) {
        try (Parallel parallel = new Parallel(threads)) {
            AtomicIntegerArray counts = new AtomicIntegerArray(101);
            parallel.forRange(101, 8, (from, to, scratch) -> {
                assertTrue(to - from <= 8);
                for (int i = from; i < to; i++) {
                    counts.incrementAndGet(i);
                }
            });
            for (int i = 0; i < 101; i++) {
                assertEquals(1, counts.get(i));
            }
        }
    }

    @Test
    void callerAndWorkersTakePart() {
        try (Parallel parallel = new Parallel(3)) {
            Set<Thread> seen = ConcurrentHashMap.newKeySet();
            Phaser allHere = new Phaser(3);
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
                parallel.forEach(3, (i, scratch) -> {
                    seen.add(Thread.currentThread());
                    allHere.arriveAndAwaitAdvance();
                });
                assertTrue(seen.contains(Thread.currentThread()));
            });
            assertEquals(3, seen.size());
        }
    }

    @Test
    void oneThreadRunsInline() {
        try (Parallel parallel = new Parallel(1)) {
            parallel.forEach(4, (i, scratch) -> {});
            List<Thread> seen = new ArrayList<>();
            parallel.forEach(4, (i, scratch) -> seen.add(Thread.currentThread()));
            assertEquals(4, seen.size());
            seen.forEach(thread -> assertSame(Thread.currentThread(), thread));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void firstFailureReachesTheCallerAndThePoolSurvives(int threads) {
        try (Parallel parallel = new Parallel(threads)) {
            for (int round = 0; round < 100; round++) {
                IllegalStateException thrown = assertThrows(
                        IllegalStateException.class,
                        () -> parallel.forEach(50, (i, scratch) -> {
                            if (i == 7) {
                                throw new IllegalStateException("seven");
                            }
                        }));
                assertEquals("seven", thrown.getMessage());
            }
            AtomicInteger sum = new AtomicInteger();
            parallel.forEach(10, (i, scratch) -> sum.addAndGet(i));
            assertEquals(45, sum.get());
        }
    }

    @Test
    void severalCallersAndNestedCallsShareThePool() throws InterruptedException {
        try (Parallel parallel = new Parallel(2)) {
            AtomicInteger total = new AtomicInteger();
            List<Thread> callers = new ArrayList<>();
            for (int c = 0; c < 4; c++) {
                Thread caller = new Thread(() -> {
                    for (int round = 0; round < 200; round++) {
                        parallel.forEach(5, (i, outer) -> parallel.forEach(3, (j, inner) -> total.incrementAndGet()));
                    }
                });
                caller.start();
                callers.add(caller);
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertEquals(4 * 200 * 15, total.get());
        }
    }

    @Test
    void scratchIsPrivateToARunningBody() {
        try (Parallel parallel = new Parallel(4)) {
            AtomicInteger clashes = new AtomicInteger();
            parallel.forEach(2000, (i, scratch) -> {
                float[] mine = scratch.floats(0, 64);
                mine[5] = i;
                Thread.onSpinWait();
                if (mine[5] != i) {
                    clashes.incrementAndGet();
                }
            });
            assertEquals(0, clashes.get());
        }
    }

    @Test
    void scratchIsReused() {
        try (Parallel parallel = new Parallel(1)) {
            List<float[]> seen = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                parallel.forEach(1, (i, scratch) -> seen.add(scratch.floats(2, 100)));
            }
            assertSame(seen.get(0), seen.get(1));
            assertSame(seen.get(0), seen.get(2));
        }
    }

    @Test
    void workersWakeAfterIdling() throws InterruptedException {
        try (Parallel parallel = new Parallel(2)) {
            for (int round = 0; round < 5; round++) {
                Thread.sleep(2);
                Phaser bothHere = new Phaser(2);
                Assertions.assertTimeoutPreemptively(
                        Duration.ofSeconds(30),
                        () -> parallel.forEach(2, (i, scratch) -> bothHere.arriveAndAwaitAdvance()));
            }
        }
    }

    @Test
    void closeEndsThreadsAndRefusesWork() {
        Parallel parallel = new Parallel(2);
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        Phaser bothHere = new Phaser(2);
        parallel.forEach(2, (i, scratch) -> {
            seen.add(Thread.currentThread());
            bothHere.arriveAndAwaitAdvance();
        });
        parallel.close();
        parallel.close();
        seen.remove(Thread.currentThread());
        seen.forEach(thread -> assertFalse(thread.isAlive()));
        assertThrows(IllegalStateException.class, () -> parallel.forEach(1, (i, scratch) -> {}));
        assertThrows(IllegalArgumentException.class, () -> new Parallel(0));
    }
}
