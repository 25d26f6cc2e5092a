package dev.sam2j.predictors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.predictors.auto.AutomaticMaskGenerator;
import dev.sam2j.predictors.auto.AutomaticMaskOptions;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.LiveSession;
import dev.sam2j.predictors.video.VideoOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What several threads, or one after closing, may do with what a model computes with. */
@Timeout(120)
class ThreadsTest {
    private static final Picture PICTURE = picture();

    @TempDir
    private Path folder;

    @AfterEach
    void clearInterrupts() {
        Thread.interrupted();
    }

    private static Picture picture() {
        byte[] rgb = new byte[64 * 48 * 3];
        new Random(1).nextBytes(rgb);
        return Picture.of(rgb, 64, 48);
    }

    private static Sam2Model demo() {
        return Sam2Model.builder().device("cpu").build();
    }

    private static void fails(String message, Executable use) {
        assertEquals(message, assertThrows(IllegalStateException.class, use).getMessage());
    }

    /** Stops in the midst of encoding until {@link #goOn}. */
    private static final class Halted {
        private final CountDownLatch inside = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);
        private final LayerObserver observer = (name, tensor) -> {
            inside.countDown();
            await(goOn);
        };

        Sam2Model demo() {
            return LoadedModel.of(ThreadsTest.demo()).observedBy(observer);
        }

        static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Four threads on one predictor: each answer is right or refused, and none is wrong. */
    @Test
    void oneOfSeveralThreadsGetsThePredictor() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Sam2Model model = demo();
                ImagePredictor predictor = model.imagePredictor()) {
            predictor.setImage(PICTURE);
            List<Prompt> prompts = new ArrayList<>();
            List<float[]> expected = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                prompts.add(Prompt.point(5 + 12 * i, 4 + 9 * i).withoutPoint(60 - 12 * i, 8));
                expected.add(predictor.predict(prompts.get(i)).best().lowRes().logits());
            }
            List<Future<Integer>> answered = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                answered.add(threads.submit(() -> {
                    int right = 0;
                    for (int i = 0; i < 20; i++) {
                        try {
                            Prediction answer = predictor.predict(prompts.get(i % 5));
                            assertArrayEquals(
                                    expected.get(i % 5), answer.best().lowRes().logits(), 1e-3f);
                            right++;
                        } catch (IllegalStateException e) {
                            assertTrue(
                                    e.getMessage().startsWith("the image predictor is in use by thread ")
                                            && e.getMessage().endsWith(", and only one thread at a time may use it"),
                                    e.getMessage());
                        }
                    }
                    return right;
                }));
            }
            int right = 0;
            for (Future<Integer> one : answered) {
                right += one.get();
            }
            assertTrue(right >= 1);
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void aPredictorInUseIsNeitherSharedNorClosed() throws Exception {
        Halted halted = new Halted();
        try (Sam2Model model = halted.demo();
                ImagePredictor predictor = model.imagePredictor()) {
            Thread user = new Thread(() -> predictor.encode(PICTURE).close(), "encoder");
            user.start();
            Halted.await(halted.inside);
            for (Executable use : List.<Executable>of(
                    () -> predictor.setImage(PICTURE),
                    () -> predictor.encode(PICTURE),
                    () -> predictor.setEmbedding(null),
                    () -> predictor.loadEmbedding(Path.of("none")),
                    () -> predictor.predictBatch(List.of(), List.of(), PredictOptions.DEFAULT))) {
                fails("the image predictor is in use by thread encoder, and only one thread at a time may use it", use);
            }
            fails(
                    "the image predictor is in use by thread encoder and cannot be closed before that is done",
                    predictor::close);
            halted.goOn.countDown();
            user.join();
            predictor.setImage(PICTURE);
        }
    }

    @Test
    void everythingSaysThatItHasBeenClosed() {
        Sam2Model model = demo();
        ImagePredictor predictor = model.imagePredictor();
        ImagePredictor other = model.imagePredictor();
        AutomaticMaskGenerator generator = new AutomaticMaskGenerator(model, AutomaticMaskOptions.DEFAULT);
        LiveSession live = model.videoPredictor().openLive(VideoOptions.DEFAULT);
        ImageEmbedding embedding = other.encode(PICTURE);
        ImageEmbedding current = other.encode(PICTURE);
        other.setEmbedding(current);
        for (AutoCloseable closed : List.<AutoCloseable>of(predictor, generator, embedding)) {
            closeTwice(closed);
        }
        for (Executable use : List.<Executable>of(
                () -> predictor.setImage(PICTURE),
                () -> predictor.setEmbedding(current),
                () -> predictor.encode(PICTURE),
                () -> predictor.predict(Prompt.point(1, 1)),
                () -> predictor.predict(current, List.of(), PredictOptions.DEFAULT))) {
            fails("the image predictor has been closed", use);
        }
        fails("the automatic mask generator has been closed", () -> generator.generate(PICTURE));
        fails("the image embedding has been closed", () -> embedding.write(Path.of("never")));
        other.predict(Prompt.point(1, 1));
        live.track(PICTURE);
        closeTwice(model);
        for (Executable use : List.<Executable>of(
                () -> other.predict(Prompt.point(1, 1)),
                () -> other.setImage(PICTURE),
                () -> live.track(PICTURE),
                () -> current.write(Path.of("never")),
                model::imagePredictor,
                model::videoPredictor,
                model::fingerprint)) {
            fails("the model demo has been closed", use);
        }
        closeTwice(other);
        closeTwice(live);
        fails("the image embedding has been closed", () -> current.write(Path.of("never")));
    }

    private static void closeTwice(AutoCloseable closed) {
        for (int i = 0; i < 2; i++) {
            try {
                closed.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void closingAModelWaitsForTheCallInProgress() throws Exception {
        Halted halted = new Halted();
        Sam2Model model = halted.demo();
        ImagePredictor predictor = model.imagePredictor();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Integer> encoded = threads.submit(() -> {
                try (ImageEmbedding embedding = predictor.encode(PICTURE)) {
                    return embedding.width();
                } // closing it needs no model
            });
            Halted.await(halted.inside);
            Future<?> closing = threads.submit(model::close);
            while (true) {
                try {
                    model.imagePredictor().close(); // until it is being closed
                } catch (IllegalStateException e) {
                    assertEquals("the model demo has been closed", e.getMessage());
                    break;
                }
            }
            assertFalse(closing.isDone());
            halted.goOn.countDown();
            closing.get();
            assertEquals(64, encoded.get());
        } finally {
            threads.shutdown();
        }
        fails("the model demo has been closed", () -> predictor.encode(PICTURE));
        predictor.close();
    }

    @Test
    void listenersMayUseButNotCloseWhatCallsThem() {
        try (Sam2Model model = demo();
                AutomaticMaskGenerator generator = new AutomaticMaskGenerator(
                        model, AutomaticMaskOptions.builder().pointsPerSide(1).build())) {
            int[] calls = {0};
            generator.generate(PICTURE, new AutomaticMaskGenerator.Listener() {
                @Override
                public void progress(int done, int total) {
                    fails("the automatic mask generator cannot be closed from within its own work", generator::close);
                    fails("the model demo cannot be closed from within its own work", model::close);
                    if (calls[0]++ == 0) {
                        try (ImagePredictor another = model.imagePredictor()) {
                            another.setImage(PICTURE);
                        }
                    }
                }
            });
            assertEquals(1, calls[0]);
        }
    }

    @Test
    void anEmbeddingOfAnotherModelIsRefused() {
        try (Sam2Model model = demo();
                Sam2Model other = demo();
                ImagePredictor predictor = model.imagePredictor();
                ImagePredictor foreign = other.imagePredictor();
                ImageEmbedding embedding = foreign.encode(PICTURE)) {
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class,
                    () -> predictor.predict(embedding, List.of(Prompt.point(1, 1)), PredictOptions.DEFAULT));
            assertTrue(
                    e.getMessage().startsWith("predict: the embedding was made by another instance"), e.getMessage());
        }
    }

    /** An interrupted thread does everything it is asked to, and stays interrupted. */
    @Test
    void interruptionStopsNothing() {
        Path file = folder.resolve("embedding");
        Thread.currentThread().interrupt();
        try (Sam2Model model = demo();
                ImagePredictor predictor = model.imagePredictor()) {
            try (ImageEmbedding embedding = predictor.encode(PICTURE)) {
                embedding.write(file);
            }
            predictor.setEmbedding(predictor.loadEmbedding(file));
            assertEquals(3, predictor.predict(Prompt.point(9, 9)).masks().size());
        }
        assertTrue(Thread.interrupted(), "the thread stays interrupted");
    }
}
