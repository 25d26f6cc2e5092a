package dev.sam2j.predictors.image.tiff;

import java.io.IOException;
import java.io.InputStream;

/** Undoes TIFF's LZW: codes of 9 to 12 bits, the highest bit first, one bit longer one code early. */
final class LzwStream extends InputStream {
    private static final int CLEAR = 256;
    private static final int END = 257;

    private InputStream in;
    /** Each string is an earlier one and a byte. */
    private final short[] prefix = new short[4096];

    private final byte[] last = new byte[4096];
    private final short[] length = new short[4096];
    private final byte[] string = new byte[4096];
    private int stringAt;
    private int stringEnd;
    private int next;
    private int previous;
    private int buffer;
    private int buffered;
    private boolean ended;

    LzwStream() {
        for (int i = 0; i < 256; i++) {
            last[i] = (byte) i;
            length[i] = 1;
        }
    }

    /** Starts with other data. */
    LzwStream begin(InputStream data) {
        in = data;
        stringAt = 0;
        stringEnd = 0;
        next = END + 1;
        previous = -1;
        buffered = 0;
        buffer = 0;
        ended = false;
        return this;
    }

    @Override
    public int read() throws IOException {
        return stringAt < stringEnd || decode() ? string[stringAt++] & 255 : -1;
    }

    @Override
    public int read(byte[] into, int offset, int count) throws IOException {
        if (stringAt == stringEnd && !decode()) {
            return count == 0 ? 0 : -1;
        }
        int copied = Math.min(count, stringEnd - stringAt);
        System.arraycopy(string, stringAt, into, offset, copied);
        stringAt += copied;
        return copied;
    }

    /** Reads codes until there is a string. */
    private boolean decode() throws IOException {
        int code = code();
        while (code == CLEAR) {
            next = END + 1;
            previous = -1;
            code = code();
        }
        if (code == END || ended) {
            ended = true;
            return false;
        }
        if (code > next || code == next && previous < 0 || code > END && previous < 0) {
            throw new IOException("its LZW codes are damaged");
        }
        if (previous >= 0 && next < 4096) {
            prefix[next] = (short) previous;
            length[next] = (short) (length[previous] + 1);
            last[next] = first(code == next ? previous : code);
            next++;
        }
        previous = code;
        stringAt = 0;
        stringEnd = length[code];
        for (int i = stringEnd - 1, at = code; i >= 0; i--) {
            string[i] = last[at];
            at = prefix[at];
        }
        return true;
    }

    private byte first(int code) {
        int at = code;
        for (int i = length[code]; i > 1; i--) {
            at = prefix[at];
        }
        return last[at];
    }

    private int code() throws IOException {
        int size = next < 511 ? 9 : next < 1023 ? 10 : next < 2047 ? 11 : 12;
        while (buffered < size) {
            int value = in.read();
            if (value < 0) {
                ended = true;
                return END;
            }
            buffer = buffer << 8 | value;
            buffered += 8;
        }
        buffered -= size;
        int code = buffer >>> buffered & (1 << size) - 1;
        buffer &= (1 << buffered) - 1;
        return code;
    }
}
