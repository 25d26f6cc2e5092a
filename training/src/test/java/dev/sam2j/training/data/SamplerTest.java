package dev.sam2j.training.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;
import dev.sam2j.training.data.augment.Augmentation;
import dev.sam2j.training.data.augment.View;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplerTest {
    private static final int SIDE = 32;

    @TempDir
    Path folder;

    /** Objects that are boxes in a row. */
    private record Boxes(int count) implements ObjectMasks {
        @Override
        public String name(int object) {
            return "box " + object;
        }

        @Override
        public List<Mask> decode(int[] objects, int width, int height) {
            return Arrays.stream(objects)
                    .mapToObj(i -> Mask.ofBox(width, height, new PixelBox(4 * i, 2 * i, 4 * i + 3, height - 1)))
                    .toList();
        }
    }

    private DataSet data(int pictures, int objects) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < pictures; i++) {
            Path file = folder.resolve(i + ".png");
            if (!Files.exists(file)) {
                byte[] rgb = new byte[3 * 40 * 30];
                new SplittableRandom(i).nextBytes(rgb);
                Picture.of(rgb, 40, 30).write(file);
            }
            samples.add(new Sample(i + ".png", file, ReadOptions.DEFAULT, 40, 30, new Boxes(objects)));
        }
        return new DataSet(samples);
    }

    private static Sampler sampler(DataSet data, Augmentation augmentation, long seed) {
        return new Sampler(data, new Sampler.Settings(SIDE, 2, 3, augmentation, seed));
    }

    /** What a batch is, pixels included. */
    private static List<Object> content(TrainingBatch batch) {
        List<Object> content = new ArrayList<>();
        for (TrainingItem item : batch.items()) {
            content.add(item.index());
            content.add(Arrays.toString(item.objects()));
            content.add(item.masks());
            content.add(item.view());
            content.add(Arrays.hashCode(item.picture().rgb()));
        }
        return content;
    }

    private static List<Object> content(List<TrainingBatch> batches) {
        return batches.stream().<Object>map(SamplerTest::content).toList();
    }

    @Test
    void everyPictureComesOnceInAnotherOrderWithSomeObjects() {
        Sampler sampler = sampler(data(7, 5), Augmentation.MIRROR, 1);
        assertEquals(4, sampler.batches());
        List<List<Integer>> orders = new ArrayList<>();
        for (int epoch = 0; epoch < 3; epoch++) {
            List<TrainingBatch> batches = sampler.epoch(epoch);
            assertEquals(4, batches.size());
            assertEquals(3, batches.get(0).items().get(1).objects().length);
            List<Integer> order = batches.stream()
                    .flatMap(batch -> batch.items().stream())
                    .map(TrainingItem::index)
                    .toList();
            assertEquals(IntStream.range(0, 7).boxed().toList(), List.copyOf(new TreeSet<>(order)));
            orders.add(order);
        }
        assertNotEquals(orders.get(0), orders.get(1));
        assertNotEquals(orders.get(1), orders.get(2));
    }

    @Test
    void equalSeedsAreEqualPixels() {
        DataSet data = data(7, 5);
        for (Augmentation augmentation : Augmentation.values()) {
            List<Object> first = content(sampler(data, augmentation, 5).epoch(3));
            assertEquals(first, content(sampler(data, augmentation, 5).epoch(3)));
            assertNotEquals(first, content(sampler(data, augmentation, 6).epoch(3)));
            assertNotEquals(first, content(sampler(data, augmentation, 5).epoch(4)));
        }
    }

    @Test
    void readingAheadChangesNothing() {
        DataSet data = data(7, 5);
        List<TrainingBatch> batches = sampler(data, Augmentation.PUBLIC, 5).epoch(3);
        List<Object> ahead = new ArrayList<>();
        try (Prefetch prefetch = new Prefetch(batches.subList(1, 4), item -> item.index() % 2 == 0)) {
            while (prefetch.hasNext()) {
                ahead.add(content(prefetch.next()));
            }
        }
        assertEquals(content(batches.subList(1, 4)), ahead);
    }

    @Test
    void picturesAreReadOnlyWhereTheyAreNeeded() throws IOException {
        DataSet data = data(3, 2);
        Files.delete(folder.resolve("1.png"));
        List<TrainingBatch> batches = sampler(data, Augmentation.MIRROR, 5).epoch(0);
        try (Prefetch prefetch = new Prefetch(batches, item -> false)) {
            while (prefetch.hasNext()) {
                prefetch.next().items().forEach(item -> assertFalse(item.masks().isEmpty()));
            }
        }
        int failures = 0;
        try (Prefetch prefetch = new Prefetch(batches, item -> true)) {
            while (prefetch.hasNext()) {
                try {
                    prefetch.next();
                } catch (PictureException e) {
                    assertTrue(e.getMessage().contains("1.png"), e.getMessage());
                    failures++;
                }
            }
        }
        assertEquals(1, failures);
    }

    @Test
    void objectsThatWouldLeaveThePictureAreNotTurned() {
        // A pixel in a corner leaves it with any turn.
        ObjectMasks corner = new ObjectMasks() {
            @Override
            public int count() {
                return 1;
            }

            @Override
            public String name(int object) {
                return "corner";
            }

            @Override
            public List<Mask> decode(int[] objects, int width, int height) {
                return List.of(Mask.ofBox(width, height, new PixelBox(0, 0, 1, 1)));
            }
        };
        Path file = data(1, 1).samples().get(0).file();
        DataSet data = new DataSet(List.of(new Sample("0.png", file, ReadOptions.DEFAULT, 40, 30, corner)));
        int turned = 0;
        for (int epoch = 0; epoch < 20; epoch++) {
            TrainingItem item = sampler(data, Augmentation.PUBLIC, 1)
                    .epoch(epoch)
                    .get(0)
                    .items()
                    .get(0);
            assertFalse(item.masks().get(0).isEmpty());
            turned += item.view().warp() == null ? 0 : 1;
        }
        assertTrue(turned < 20, turned + " of 20 turned");
    }

    @Test
    void chanceDependsOnEveryPart() {
        long[] first = new long[5];
        first[0] = Draws.of(1, 2, 3, "a").nextLong();
        first[1] = Draws.of(2, 2, 3, "a").nextLong();
        first[2] = Draws.of(1, 3, 3, "a").nextLong();
        first[3] = Draws.of(1, 2, 4, "a").nextLong();
        first[4] = Draws.of(1, 2, 3, "b").nextLong();
        assertEquals(5, Arrays.stream(first).distinct().count());
        assertEquals(first[0], Draws.of(1, 2, 3, "a").nextLong());
        int[] shuffled = {1, 2, 3, 4, 5};
        Draws.shuffle(shuffled, Draws.of(1, 2, 3, "a"));
        Arrays.sort(shuffled);
        assertArrayEquals(new int[] {1, 2, 3, 4, 5}, shuffled);
    }

    @Test
    void mirroredViewsAreFour() {
        TreeSet<Integer> seen = new TreeSet<>();
        for (int seed = 0; seed < 40; seed++) {
            seen.add(Augmentation.MIRROR.draw(new SplittableRandom(seed)).mirrored());
        }
        assertEquals(List.of(0, 1, 2, 3), List.copyOf(seen));
        assertEquals(0, View.PLAIN.mirrored());
        assertThrows(IllegalArgumentException.class, () -> new Sampler.Settings(SIDE, 0, 3, Augmentation.NONE, 1));
    }
}
