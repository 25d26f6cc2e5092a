package dev.sam2j.predictors.video.tracking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.tensor.Pending;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class RecordFileTest {
    private static final float[] MASK = {1, -0f, Float.MIN_VALUE};

    /** Takes no more while {@link #full}. */
    private static final class Limited extends RecordFile {
        private volatile boolean full;

        Limited() {
            super(MASK.length, 2);
        }

        @Override
        void writeFully(FileChannel file, ByteBuffer bytes, long at) throws IOException {
            if (full) {
                throw new IOException("No space left on device");
            }
            super.writeFully(file, bytes, at);
        }
    }

    private static float[] memory(int i) {
        return new float[] {i, -i};
    }

    private static RecordFile.Record write(RecordFile file, int i) {
        return file.write(Pending.of(MASK), Pending.of(memory(i)));
    }

    /** Until an error of the thread that writes has been seen. */
    private static VideoException firstError(RecordFile file, List<RecordFile.Record> written) {
        while (true) {
            try {
                written.add(write(file, written.size()));
            } catch (VideoException e) {
                return e;
            }
        }
    }

    @Test
    void nothingIsLostWhileTheFolderIsFull() {
        try (Limited file = new Limited()) {
            List<RecordFile.Record> written = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                written.add(write(file, i));
            }
            file.full = true;
            for (int i = 0; i < 2; i++) {
                assertEquals(
                        "a memory could not be written to the temporary folder: No space left on device",
                        firstError(file, written).getMessage());
            }
            for (int i = 0; i < written.size(); i++) {
                assertArrayEquals(memory(i), file.read(written.get(i)).memory());
            }
            file.full = false;
            int before = written.size();
            while (written.size() < before + 100) {
                try {
                    written.add(write(file, written.size()));
                } catch (VideoException e) {
                    Thread.onSpinWait(); // what failed before is being tried again
                }
            }
            for (int i = 0; i < written.size(); i++) {
                assertArrayEquals(memory(i), file.read(written.get(i)).memory());
                assertArrayEquals(MASK, file.read(written.get(i)).mask());
            }
        }
    }

    @Test
    void contentsCanBeReadBeforeTheyAreWrittenAndPlacesUsedAgain() {
        CountDownLatch arrived = new CountDownLatch(1);
        try (RecordFile file = new RecordFile(MASK.length, 2)) {
            RecordFile.Record first = file.write(
                    () -> {
                        try {
                            arrived.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        return MASK;
                    },
                    null);
            file.release(first);
            RecordFile.Record second = write(file, 7);
            assertEquals(1, file.places());
            arrived.countDown();
            assertArrayEquals(memory(7), file.read(second).memory());
            for (int i = 0; i < 100; i++) {
                write(file, i);
            }
            assertArrayEquals(memory(7), file.read(second).memory());
            assertArrayEquals(MASK, file.read(second).mask());
        }
        try (RecordFile file = new RecordFile(MASK.length, 2)) {
            RecordFile.Record alone = file.write(Pending.of(MASK), null);
            assertNull(file.read(alone).memory());
        }
    }
}
