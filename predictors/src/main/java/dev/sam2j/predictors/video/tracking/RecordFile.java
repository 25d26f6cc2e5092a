package dev.sam2j.predictors.video.tracking;

import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.host.HalfPrecision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;

/**
 * Masks and memories in a temporary file, which only a thread of its own touches: interrupting a thread that reads or
 * writes a channel would close it. Masks are kept as float32, memories, whose values all have that form, as bfloat16.
 * One thread at a time may use an instance.
 */
class RecordFile implements AutoCloseable {
    /** Records on their way to the file: bounds the memory they take. */
    private static final int MOST_UNWRITTEN = 32;

    private final int logits;
    private final int memoryElements;
    private final Deque<Integer> freePlaces = new ArrayDeque<>();
    private final Deque<Record> unwritten = new ArrayDeque<>();
    private int places;
    private Background thread;
    private ByteBuffer bytes;
    private FileChannel channel;

    /** An empty file for masks of {@code logits} values and memories of {@code memoryElements}. */
    RecordFile(int logits, int memoryElements) {
        this.logits = logits;
        this.memoryElements = memoryElements;
    }

    /**
     * What a record holds.
     *
     * @param memory null where there is none
     */
    record Contents(float[] mask, float[] memory) {}

    /** A place in the file; its contents stay in memory until they are there. */
    static final class Record {
        private final int place;
        private final boolean hasMemory;
        private Future<Contents> contents;
        private Future<Void> written;
        private boolean released;

        private Record(int place, boolean hasMemory) {
            this.place = place;
            this.hasMemory = hasMemory;
        }
    }

    /**
     * Begins to write a record.
     *
     * @param memory null for none
     * @throws VideoException if the temporary folder takes no more; records that were to be written before are not
     *     lost, and the next call tries again
     */
    Record write(Pending<float[]> mask, Pending<float[]> memory) {
        while (!unwritten.isEmpty()
                && (unwritten.size() >= MOST_UNWRITTEN
                        || unwritten.peek().written.isDone())) {
            settle(unwritten.peek());
            unwritten.remove();
        }
        if (channel == null) {
            open();
        }
        Record record = new Record(freePlaces.isEmpty() ? places++ : freePlaces.pop(), memory != null);
        record.contents = thread.submit(() -> new Contents(mask.get(), memory == null ? null : memory.get()));
        submit(record);
        unwritten.add(record);
        return record;
    }

    private void open() {
        try {
            Path file = Files.createTempFile("sam2j-memory-", ".bin");
            channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw unwritable(e);
        }
        bytes = ByteBuffer.allocateDirect(4 * logits + 2 * memoryElements).order(ByteOrder.LITTLE_ENDIAN);
        thread = new Background("sam2j-memories");
    }

    private static VideoException unwritable(IOException e) {
        return new VideoException("a memory could not be written to the temporary folder: " + e.getMessage(), e);
    }

    private void submit(Record record) {
        record.written = thread.submit(() -> {
            store(record.place, Background.await(record.contents));
            return null;
        });
    }

    /** Waits until a record is in the file, and has it tried again if it could not be written. */
    private void settle(Record record) {
        if (!record.released) {
            try {
                Background.await(record.written);
            } catch (VideoException e) {
                submit(record);
                throw e;
            }
        }
        record.contents = null;
    }

    private void store(int place, Contents contents) {
        bytes.clear();
        bytes.asFloatBuffer().put(contents.mask);
        float[] memory = contents.memory;
        if (memory != null) {
            for (int i = 0; i < memory.length; i++) {
                bytes.putShort(4 * logits + 2 * i, HalfPrecision.toBf16(memory[i]));
            }
        }
        try {
            writeFully(channel, bytes, (long) place * bytes.capacity());
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** Writes all bytes of a buffer at a position of the file; tests let it fail. */
    void writeFully(FileChannel file, ByteBuffer bytes, long at) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes, at + bytes.position());
        }
    }

    /**
     * The contents of a record.
     *
     * @throws VideoException if it cannot be read
     */
    Contents read(Record record) {
        return Background.await(record.contents != null ? record.contents : thread.submit(() -> load(record)));
    }

    private Contents load(Record record) {
        try {
            bytes.clear();
            long at = (long) record.place * bytes.capacity();
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, at + bytes.position()) < 0) {
                    throw new IOException("the file ends early");
                }
            }
        } catch (IOException e) {
            throw new VideoException("a memory could not be read back from the temporary folder: " + e.getMessage(), e);
        }
        float[] mask = new float[logits];
        bytes.flip().asFloatBuffer().get(mask);
        float[] memory = record.hasMemory ? new float[memoryElements] : null;
        for (int i = 0; record.hasMemory && i < memoryElements; i++) {
            memory[i] = HalfPrecision.fromBf16(bytes.getShort(4 * logits + 2 * i));
        }
        return new Contents(mask, memory);
    }

    /** Gives the place of a record back. */
    void release(Record record) {
        record.released = true; // what is written there later comes after what is being written now
        freePlaces.push(record.place);
    }

    /** Places used so far. */
    int places() {
        return places;
    }

    @Override
    public void close() {
        if (channel == null) {
            return;
        }
        thread.close();
        try {
            channel.close();
        } catch (IOException e) {
            throw new VideoException("a temporary file could not be closed: " + e.getMessage(), e);
        }
    }
}
