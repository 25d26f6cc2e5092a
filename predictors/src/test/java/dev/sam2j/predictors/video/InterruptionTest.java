package dev.sam2j.predictors.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.model.LoadedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of threads that are interrupted, and of several threads at once. */
class InterruptionTest {
    private static final int FRAMES = 28;
    private static Sam2Model model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void load() {
        model = Clip.demo();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @AfterEach
    void clear() {
        Thread.interrupted();
    }

    private static VideoSession tracked() {
        VideoSession session = model.videoPredictor().open(new Clip(FRAMES));
        session.addPrompt(0, 1, Prompt.point(Clip.x(Clip.DISC, 0), Clip.y(Clip.DISC, 0)));
        session.propagate().forEachRemaining(result -> {});
        assertTrue(session.engine().archive().storedRecords() > 0, "memories lie in the temporary file");
        return session;
    }

    private static List<float[]> masks(Propagation propagation) {
        List<float[]> masks = new ArrayList<>();
        propagation.forEachRemaining(result -> masks.add(result.object(1).lowRes()));
        return masks;
    }

    private static void assertEqual(List<float[]> expected, List<float[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i));
        }
    }

    /** Backwards over memories that have been moved to the file; then saved and resumed, all of it interrupted. */
    @Test
    void losesNothing() {
        Propagation.Range back = Propagation.Range.backwardsFrom(10);
        Path file = folder.resolve("interrupted.session");
        List<float[]> expected;
        List<float[]> forward;
        try (VideoSession session = tracked()) {
            expected = masks(session.propagate(back));
            forward = masks(session.propagate());
        }
        try (VideoSession session = tracked()) {
            Thread.currentThread().interrupt();
            assertEqual(expected, masks(session.propagate(back)));
            session.write(file);
            assertTrue(Thread.interrupted(), "the thread stays interrupted");
            assertEqual(forward, masks(session.propagate()));
        }
        Thread.currentThread().interrupt();
        try (VideoSession resumed = model.videoPredictor().resume(file, new Clip(FRAMES))) {
            assertEqual(forward, masks(resumed.propagate()));
        }
        assertTrue(Thread.interrupted());
    }

    /** Interrupted again and again at any moment, as by {@code Future.cancel}. */
    @Test
    void survivesInterruptionAtAnyMoment() throws InterruptedException {
        try (VideoSession session = tracked()) {
            Propagation.Range back = Propagation.Range.backwardsFrom(12);
            List<float[]> expected = masks(session.propagate(back));
            Thread user = Thread.currentThread();
            CountDownLatch done = new CountDownLatch(1);
            Thread interrupter = new Thread(() -> {
                while (done.getCount() > 0) {
                    user.interrupt();
                    Thread.onSpinWait();
                }
            });
            interrupter.start();
            List<float[]> actual = masks(session.propagate(back));
            done.countDown();
            Thread.interrupted();
            interrupter.join();
            Thread.interrupted();
            assertEqual(expected, actual);
        }
    }

    @Test
    void aSessionInUseIsNeitherSharedNorClosed() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Sam2Model watched = LoadedModel.of(model).observedBy((name, tensor) -> {
            inside.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        VideoSession session = watched.videoPredictor().open(new Clip(3));
        Thread user = new Thread(() -> session.addPrompt(0, 1, Prompt.point(40, 30)), "tracker");
        user.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
        user.start();
        inside.await();
        String inUse = "the video session is in use by thread tracker";
        for (Runnable use : List.<Runnable>of(
                session::objects, session::propagate, session::reset, () -> session.removeObject(1))) {
            assertEquals(
                    inUse + ", and only one thread at a time may use it",
                    assertThrows(IllegalStateException.class, use::run).getMessage());
        }
        assertEquals(
                inUse + " and cannot be closed before that is done",
                assertThrows(IllegalStateException.class, session::close).getMessage());
        goOn.countDown();
        user.join();
        assertEquals(null, failure.get());
        assertEquals(3, masks(session.propagate()).size());
        session.close();
    }

    /** Whoever hears of progress, or goes through the frames, may use and close the session. */
    @Test
    void listenersMayUseAndCloseTheSession() {
        VideoSession session = model.videoPredictor().open(new Clip(4));
        session.addPrompt(0, 1, Prompt.point(40, 30));
        Propagation propagation = session.propagate(Propagation.Range.FORWARD.with((done, total) -> {
            assertEquals(List.of(1L), session.objects());
            if (done == 2) {
                session.close();
            }
        }));
        propagation.next();
        propagation.next();
        assertThrows(IllegalStateException.class, propagation::next);
    }
}
