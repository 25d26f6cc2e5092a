package dev.sam2j.predictors.video.tracking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.Precision;
import dev.sam2j.cuda.FakeCuda;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class FrameArchiveTest {
    private static final int LOGITS = 35;
    private static final Shape MEMORY = Shape.of(6, 5);
    private static final Backend BACKEND = Backends.open("cpu", BackendOptions.DEFAULT);

    private final Random random = new Random(3);

    @AfterAll
    static void close() {
        BACKEND.close();
    }

    private float[] mask() {
        float[] values = new float[LOGITS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        values[0] = -0f;
        values[1] = Float.MIN_VALUE;
        return values;
    }

    private float[] memory() {
        float[] values = new float[(int) MEMORY.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(Float.floatToRawIntBits((float) random.nextGaussian()) & 0xFFFF0000);
        }
        values[2] = -0f;
        values[3] = Float.NEGATIVE_INFINITY;
        return values;
    }

    private static float[] memoryOf(FrameArchive.Entry entry) {
        float[] values = new float[(int) MEMORY.elements()];
        BACKEND.download(entry.memory(), values, 0);
        return values;
    }

    @Test
    void keepsEveryBitOfWhatItMovesToTheFile() {
        try (FrameArchive archive = new FrameArchive(BACKEND, LOGITS, MEMORY)) {
            archive.setCapacity(3);
            List<FrameArchive.Entry> entries = new ArrayList<>();
            List<float[]> masks = new ArrayList<>();
            List<float[]> memories = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                masks.add(mask());
                memories.add(memory());
                entries.add(archive.add(Pending.of(masks.get(i).clone())));
                BACKEND.upload(memories.get(i), 0, entries.get(i).newMemory());
                assertTrue(archive.hotEntries() <= 3, "entries in memory: " + archive.hotEntries());
            }
            for (int round = 0; round < 2; round++) {
                for (int i : new int[] {7, 0, 9, 3, 1, 2, 8, 4, 6, 5, 0}) {
                    assertArrayEquals(masks.get(i), entries.get(i).mask());
                    assertArrayEquals(memories.get(i), memoryOf(entries.get(i)));
                    assertTrue(archive.hotEntries() <= 3, "entries in memory: " + archive.hotEntries());
                }
            }
        }
    }

    /** The memories go to the file while the device works on, and their room is used again at once. */
    @Test
    void copiesMemoriesFromADeviceBeforeTheirRoomIsUsedAgain() {
        try (Backend device = FakeCuda.backend(Precision.BF16);
                FrameArchive archive = new FrameArchive(device, LOGITS, MEMORY)) {
            archive.setCapacity(2);
            List<FrameArchive.Entry> entries = new ArrayList<>();
            List<float[]> memories = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                memories.add(memory());
                entries.add(archive.add(Pending.of(mask())));
                device.upload(memories.get(i), 0, entries.get(i).newMemory());
            }
            for (int i = 0; i < entries.size(); i++) {
                float[] values = new float[(int) MEMORY.elements()];
                device.download(entries.get(i).memory(), values, 0);
                assertArrayEquals(memories.get(i), values, "memory " + i);
            }
        }
    }

    @Test
    void storesAMemoryThatWasAddedAfterTheMaskHadBeenStored() {
        try (FrameArchive archive = new FrameArchive(BACKEND, LOGITS, MEMORY)) {
            float[] mask = mask();
            float[] memory = memory();
            FrameArchive.Entry entry = archive.add(Pending.of(mask.clone()));
            archive.add(Pending.of(mask()));
            BACKEND.upload(memory, 0, entry.newMemory());
            archive.add(Pending.of(mask()));
            assertArrayEquals(mask, entry.mask());
            assertArrayEquals(memory, memoryOf(entry));
        }
    }

    @Test
    void reusesThePlacesOfForgottenEntries() {
        try (FrameArchive archive = new FrameArchive(BACKEND, LOGITS, MEMORY)) {
            archive.setCapacity(2);
            FrameArchive.Entry kept = archive.add(Pending.of(mask()));
            float[] memory = memory();
            BACKEND.upload(memory, 0, kept.newMemory());
            for (int i = 0; i < 50; i++) {
                List<FrameArchive.Entry> passing = new ArrayList<>();
                for (int j = 0; j < 4; j++) {
                    passing.add(archive.add(Pending.of(mask())));
                    BACKEND.upload(memory(), 0, passing.get(j).newMemory());
                }
                passing.forEach(FrameArchive.Entry::release);
            }
            assertArrayEquals(memory, memoryOf(kept));
            assertEquals(3, archive.storedRecords(), "places in the file");
            assertEquals(1, archive.hotEntries());
        }
    }
}
