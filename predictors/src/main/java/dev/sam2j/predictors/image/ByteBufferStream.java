package dev.sam2j.predictors.image;

import java.io.InputStream;
import java.nio.ByteBuffer;

/** The bytes of a buffer, the bits of each in reverse order if asked for (TIFF's second fill order). */
final class ByteBufferStream extends InputStream {
    private final ByteBuffer bytes;
    private final boolean reversedBits;

    ByteBufferStream(ByteBuffer bytes, boolean reversedBits) {
        this.bytes = bytes.duplicate();
        this.reversedBits = reversedBits;
    }

    @Override
    public int read() {
        if (!bytes.hasRemaining()) {
            return -1;
        }
        int value = bytes.get() & 255;
        return reversedBits ? Integer.reverse(value) >>> 24 : value;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        int count = Math.min(length, bytes.remaining());
        if (count == 0) {
            return length == 0 ? 0 : -1;
        }
        bytes.get(into, offset, count);
        for (int i = offset; reversedBits && i < offset + count; i++) {
            into[i] = (byte) (Integer.reverse(into[i] & 255) >>> 24);
        }
        return count;
    }
}
