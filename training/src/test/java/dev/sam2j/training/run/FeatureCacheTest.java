package dev.sam2j.training.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureCacheTest {
    /** More than a chunk of the file is read or written at once. */
    private static final int ELEMENTS = (1 << 18) + 321;

    @TempDir
    Path folder;

    @Test
    void keepsFeaturesFromRunToRun() {
        float[] first = values(1);
        float[] second = values(2);
        try (FeatureCache cache = open("model", Long.MAX_VALUE)) {
            assertFalse(cache.read("a", new float[ELEMENTS]));
            cache.write("a", first);
            cache.write("b", second);
            cache.write("b", first); // is there already
            assertRead(cache, "a", first);
        }
        try (FeatureCache cache = open("model", Long.MAX_VALUE)) {
            assertEquals(2, cache.size());
            assertRead(cache, "a", first);
            assertRead(cache, "b", second);
        }
    }

    @Test
    void isOfOneModel() throws IOException {
        try (FeatureCache cache = open("model", Long.MAX_VALUE)) {
            cache.write("a", values(1));
        }
        try (FeatureCache cache = open("another", Long.MAX_VALUE)) {
            assertFalse(cache.read("a", new float[ELEMENTS]));
        }
        assertEquals(64, Files.size(folder.resolve("features.bin")));
    }

    @Test
    void staysWithinItsLimit() throws IOException {
        long limit = 64 + 2 * FeatureCache.bytes(ELEMENTS) + 5;
        try (FeatureCache cache = open("model", limit)) {
            for (String key : new String[] {"a", "b", "c"}) {
                cache.write(key, values(key.hashCode()));
            }
            assertEquals(2, cache.size());
            assertFalse(cache.read("c", new float[ELEMENTS]));
        }
        assertTrue(Files.size(folder.resolve("features.bin")) <= limit);
    }

    @Test
    void whatAKilledRunLeftCountsAsAbsent() throws IOException {
        Path file = folder.resolve("features.bin");
        try (FeatureCache cache = open("model", Long.MAX_VALUE)) {
            cache.write("a", values(1));
            cache.write("b", values(2));
        }
        try (RandomAccessFile torn = new RandomAccessFile(file.toFile(), "rw")) {
            torn.setLength(torn.length() - 1000);
        }
        try (FeatureCache cache = open("model", Long.MAX_VALUE)) {
            assertFalse(cache.read("b", new float[ELEMENTS]));
            cache.write("b", values(2));
        }
        try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
            damaged.seek(5000);
            damaged.write(damaged.read() + 1);
        }
        try (FeatureCache cache = open("model", Long.MAX_VALUE)) {
            assertFalse(cache.read("a", new float[ELEMENTS]), "damaged values");
            assertRead(cache, "b", values(2));
            cache.write("a", values(1));
            assertRead(cache, "a", values(1));
        }
        try (FeatureCache cache = open("model", Long.MAX_VALUE)) {
            assertRead(cache, "a", values(1));
        }
    }

    private FeatureCache open(String fingerprint, long limit) {
        return new FeatureCache(folder.resolve("features.bin"), fingerprint, ELEMENTS, limit);
    }

    private static void assertRead(FeatureCache cache, String key, float[] expected) {
        float[] values = new float[ELEMENTS];
        assertTrue(cache.read(key, values));
        assertArrayEquals(expected, values);
    }

    private static float[] values(long seed) {
        Random random = new Random(seed);
        float[] values = new float[ELEMENTS];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return values;
    }
}
