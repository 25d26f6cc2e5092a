package dev.sam2j.predictors.image.tiff;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Undoes PackBits: a count below 128 announces that many bytes and one more, one above 128 a byte to repeat. */
final class PackBitsStream extends InputStream {
    private final InputStream in;
    private int literals;
    private int repeats;
    private int repeated;

    PackBitsStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        while (literals == 0 && repeats == 0) {
            int count = in.read();
            if (count < 0) {
                return -1;
            }
            if (count < 128) {
                literals = count + 1;
            } else if (count > 128) {
                repeats = 257 - count;
                repeated = in.read();
            }
        }
        if (repeats > 0) {
            repeats--;
            return repeated;
        }
        literals--;
        int value = in.read();
        if (value < 0) {
            throw new EOFException("pixels are missing");
        }
        return value;
    }
}
