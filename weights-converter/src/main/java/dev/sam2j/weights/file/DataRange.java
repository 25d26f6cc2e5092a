package dev.sam2j.weights.file;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * A stretch of a file, stored as it is or deflated.
 *
 * @param file the file
 * @param position of the first stored byte
 * @param stored number of bytes in the file
 * @param length number of bytes of the content, the same unless it is deflated
 */
public record DataRange(InputFile file, long position, long stored, long length, boolean deflated) {
    /** Content as it is in the file. */
    public static DataRange plain(InputFile file, long position, long length) {
        return new DataRange(file, position, length, length, false);
    }

    /** Position behind the last stored byte. */
    public long end() {
        return position + stored;
    }

    /** All of the content, which the caller knows to be short. */
    public byte[] bytes() throws IOException {
        try (InputStream in = open(0)) {
            return in.readNBytes(Math.toIntExact(length));
        }
    }

    /** The content from a byte on. A deflated one is inflated up to there. */
    InputStream open(long offset) throws IOException {
        if (!deflated) {
            return new Stored(position + offset);
        }
        Inflater inflater = new Inflater(true);
        InputStream in = new InflaterInputStream(new Stored(position), inflater, 1 << 16) {
            @Override
            public void close() {
                inflater.end(); // the only thing to free, and a given inflater is not ended by itself
            }
        };
        try {
            in.skipNBytes(offset);
        } catch (IOException e) {
            in.close();
            throw e;
        }
        return in;
    }

    /** The stored bytes from a position on. */
    private final class Stored extends InputStream {
        private long at;

        Stored(long at) {
            this.at = at;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] destination, int from, int count) throws IOException {
            int available = (int) Math.min(count, end() - at);
            if (available <= 0) {
                return count == 0 ? 0 : -1;
            }
            file.read(at, destination, from, available);
            at += available;
            return available;
        }
    }
}
