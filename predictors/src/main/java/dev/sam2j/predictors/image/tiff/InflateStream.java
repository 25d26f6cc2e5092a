package dev.sam2j.predictors.image.tiff;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Undoes Deflate straight from a buffer, by an inflater that serves one tile after another. */
final class InflateStream extends InputStream {
    private final Inflater inflater;
    private final byte[] single = new byte[1];

    InflateStream(Inflater inflater, ByteBuffer data) {
        this.inflater = inflater;
        inflater.reset();
        inflater.setInput(data);
    }

    @Override
    public int read() throws IOException {
        return read(single, 0, 1) < 0 ? -1 : single[0] & 255;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        try {
            int count = inflater.inflate(into, offset, length);
            return count == 0 && length > 0 ? -1 : count;
        } catch (DataFormatException e) {
            throw new IOException("its Deflate data are damaged", e);
        }
    }
}
