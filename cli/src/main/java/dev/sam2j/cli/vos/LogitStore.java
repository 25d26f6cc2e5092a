package dev.sam2j.cli.vos;

import dev.sam2j.common.io.AtomicFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

/** Low-resolution logits of objects and frames in a temporary file, until all objects of a frame are there. */
final class LogitStore implements AutoCloseable {
    private final int frames;
    private final int cells;
    private final BitSet present = new BitSet();
    private final byte[] bytes;
    private final RandomAccessFile file; // which, unlike a channel, an interrupt does not close

    LogitStore(int frames, int cells) throws IOException {
        this.frames = frames;
        this.cells = cells;
        this.bytes = new byte[4 * cells];
        Path path = Files.createTempFile("sam2j-logits-", ".bin");
        this.file = new RandomAccessFile(path.toFile(), "rw");
        // Where open files can be deleted nothing stays if the process is killed.
        if (!path.toFile().delete()) {
            path.toFile().deleteOnExit();
        }
    }

    private FloatBuffer floats() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    /** Keeps the logits of an object, numbered from 0, on a frame. */
    void put(int object, int frame, float[] logits) throws IOException {
        floats().put(logits);
        try {
            file.seek(place(object, frame));
            file.write(bytes);
        } catch (IOException e) {
            String folder = System.getProperty("java.io.tmpdir");
            throw new IOException(
                    "a temporary file in " + folder + " cannot be written: " + AtomicFiles.reason(e)
                            + "; TMPDIR names another folder",
                    e);
        }
        present.set(object * frames + frame);
    }

    /** The logits of an object on a frame, or null if there are none. */
    float[] get(int object, int frame) throws IOException {
        if (!present.get(object * frames + frame)) {
            return null;
        }
        file.seek(place(object, frame));
        file.readFully(bytes);
        float[] logits = new float[cells];
        floats().get(logits);
        return logits;
    }

    private long place(int object, int frame) {
        return ((long) object * frames + frame) * 4 * cells;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
