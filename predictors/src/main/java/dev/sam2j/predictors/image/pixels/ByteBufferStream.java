package dev.sam2j.predictors.image.pixels;

import java.io.InputStream;
import java.nio.ByteBuffer;

/** The bytes of a buffer. */
public final class ByteBufferStream extends InputStream {
    private final ByteBuffer bytes;

    /** The bytes that remain in a buffer. */
    public ByteBufferStream(ByteBuffer bytes) {
        this.bytes = bytes.duplicate();
    }

    @Override
    public int read() {
        return bytes.hasRemaining() ? bytes.get() & 255 : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        int count = Math.min(length, bytes.remaining());
        if (count == 0) {
            return length == 0 ? 0 : -1;
        }
        bytes.get(into, offset, count);
        return count;
    }
}
