package dev.sam2j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;

/** Low-resolution logits of objects and frames in a temporary file, until all objects of a frame are there. */
final class LogitStore implements AutoCloseable {
    private final int frames;
    private final int cells;
    private final BitSet present = new BitSet();
    private final ByteBuffer buffer;
    private final FileChannel channel;

    LogitStore(int frames, int cells) throws IOException {
        this.frames = frames;
        this.cells = cells;
        this.buffer = ByteBuffer.allocate(4 * cells).order(ByteOrder.LITTLE_ENDIAN);
        Path file = Files.createTempFile("sam2j-logits-", ".bin");
        this.channel = FileChannel.open(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** Keeps the logits of an object, numbered from 0, on a frame. */
    void put(int object, int frame, float[] logits) throws IOException {
        buffer.clear();
        buffer.asFloatBuffer().put(logits);
        long at = place(object, frame);
        while (buffer.hasRemaining()) {
            channel.write(buffer, at + buffer.position());
        }
        present.set(object * frames + frame);
    }

    /** The logits of an object on a frame, or null if there are none. */
    float[] get(int object, int frame) throws IOException {
        if (!present.get(object * frames + frame)) {
            return null;
        }
        buffer.clear();
        long at = place(object, frame);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw new IOException("a temporary file ends early");
            }
        }
        float[] logits = new float[cells];
        buffer.flip();
        buffer.asFloatBuffer().get(logits);
        return logits;
    }

    private long place(int object, int frame) {
        return ((long) object * frames + frame) * 4 * cells;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
