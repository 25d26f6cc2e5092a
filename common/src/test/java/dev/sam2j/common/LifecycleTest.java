package dev.sam2j.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class LifecycleTest {
    private static void fails(String message, Executable use) {
        assertEquals(message, assertThrows(IllegalStateException.class, use).getMessage());
    }

    /** A thread that uses something until it is told to end. */
    private static final class User implements AutoCloseable {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch end = new CountDownLatch(1);
        private final Thread thread;

        User(Lifecycle used) throws InterruptedException {
            thread = new Thread(
                    () -> {
                        try (Lifecycle.Use use = used.use()) {
                            begun.countDown();
                            end.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    "other");
            thread.start();
            begun.await();
        }

        @Override
        public void close() throws InterruptedException {
            end.countDown();
            thread.join();
        }
    }

    @Test
    void closesOnceAndSaysSo() {
        Lifecycle lifecycle = Lifecycle.exclusive("the thing", null);
        try (Lifecycle.Use use = lifecycle.use();
                Lifecycle.Use again = lifecycle.use()) {
            fails("the thing cannot be closed from within its own work", lifecycle::close);
        }
        assertTrue(lifecycle.close());
        assertFalse(lifecycle.close());
        fails("the thing has been closed", lifecycle::use);
    }

    @Test
    void refusesASecondThreadWhereOnlyOneMayUseIt() throws InterruptedException {
        Lifecycle lifecycle = Lifecycle.exclusive("the thing", null);
        try (User user = new User(lifecycle)) {
            fails("the thing is in use by thread other, and only one thread at a time may use it", lifecycle::use);
            fails("the thing is in use by thread other and cannot be closed before that is done", lifecycle::close);
        }
        lifecycle.use().close();
        assertTrue(lifecycle.close());
    }

    @Test
    void isInUseWhileItsUsersAre() throws InterruptedException {
        Lifecycle shared = Lifecycle.shared("the model", null);
        Lifecycle user = Lifecycle.exclusive("the thing", shared);
        try (Lifecycle.Use use = user.use()) {
            fails("the model cannot be closed from within its own work", shared::close);
        }
        assertTrue(shared.close());
        fails("the model has been closed", user::use);
        fails("the model has been closed", user::use); // the failed use has ended
        assertTrue(user.close(), "what needs it can still be closed");
    }

    @Test
    void closingWaitsForOtherUsersAndRefusesNewOnes() throws InterruptedException {
        Lifecycle shared = Lifecycle.shared("the model", null);
        AtomicBoolean closed = new AtomicBoolean();
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread closer = new Thread(() -> {
            closed.set(shared.close());
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        try (User one = new User(shared);
                User two = new User(shared)) {
            closer.start();
            while (closer.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            closer.interrupt();
            fails("the model has been closed", shared::use);
            one.close();
            assertFalse(closed.get());
        }
        closer.join();
        assertTrue(closed.get());
        assertTrue(interrupted.get());
    }
}
