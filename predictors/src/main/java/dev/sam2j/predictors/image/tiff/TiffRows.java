package dev.sam2j.predictors.image.tiff;

import dev.sam2j.predictors.image.pixels.ByteBufferStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.Inflater;

/** Rows of samples of one TIFF tile after another: decompressed, their predictor undone, as numbers. */
final class TiffRows implements TiffReader.Rows, AutoCloseable {
    private static final int NONE = 1;
    private static final int LZW = 5;
    private static final int ADOBE_DEFLATE = 8;
    private static final int PACK_BITS = 32773;
    private static final int DEFLATE = 32946;
    static final int ZSTD = 50000;

    private final TiffPage page;
    private final ByteOrder order;
    private final Inflater inflater = new Inflater();
    private final LzwStream lzw = new LzwStream();
    private InputStream stream;
    private final int samples;
    private final byte[] row;
    private final long[] bits;

    TiffRows(TiffPage page, ByteOrder order) {
        this.page = page;
        this.order = order;
        this.samples = page.planar() ? 1 : page.samples();
        this.bits = new long[Math.multiplyExact(page.tileWidth(), samples)];
        this.row = new byte[(int) (((long) bits.length * page.bits() + 7) / 8)];
    }

    /** Whether this class undoes a compression. */
    static boolean decompresses(int compression) {
        return switch (compression) {
            case NONE, LZW, ADOBE_DEFLATE, PACK_BITS, DEFLATE, ZSTD -> true;
            default -> false;
        };
    }

    /** Opens a tile. */
    void begin(ByteBuffer tile) throws IOException {
        ByteBuffer data = page.reversedBits() ? reversed(tile) : tile;
        InputStream in = new ByteBufferStream(data);
        stream = switch (page.compression()) {
            case LZW -> lzw.begin(in);
            case ADOBE_DEFLATE, DEFLATE -> new InflateStream(inflater, data);
            case PACK_BITS -> new PackBitsStream(in);
            case ZSTD -> Zstandard.open(in);
            default -> in;
        };
    }

    private static ByteBuffer reversed(ByteBuffer data) {
        byte[] bytes = TiffBlocks.bytes(data);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (Integer.reverse(bytes[i] & 255) >>> 24);
        }
        return ByteBuffer.wrap(bytes);
    }

    @Override
    public void close() {
        inflater.end();
    }

    /** The samples of the next row, pixel by pixel, padding included: valid until the next call. */
    @Override
    public void next(double[] values) throws IOException {
        if (stream.readNBytes(row, 0, row.length) < row.length) {
            throw new EOFException("pixels are missing");
        }
        boolean floatPredictor = page.predictor() == 3;
        if (floatPredictor) {
            undoFloatPredictor();
        }
        unpack(floatPredictor ? ByteOrder.BIG_ENDIAN : order);
        if (page.predictor() == 2) {
            undoDifferences();
        }
        interpret(values);
    }

    /** Differences of bytes, which were sorted by their rank in the number, the highest first. */
    private void undoFloatPredictor() {
        for (int i = samples; i < row.length; i++) {
            row[i] += row[i - samples];
        }
        byte[] sorted = row.clone();
        int size = page.bits() / 8;
        for (int i = 0; i < bits.length; i++) {
            for (int b = 0; b < size; b++) {
                row[i * size + b] = sorted[b * bits.length + i];
            }
        }
    }

    private void unpack(ByteOrder byteOrder) {
        int size = page.bits();
        ByteBuffer bytes = ByteBuffer.wrap(row).order(byteOrder);
        for (int i = 0; i < bits.length; i++) {
            bits[i] = switch (size) {
                case 8 -> row[i] & 255;
                case 16 -> bytes.getShort(2 * i) & 0xFFFF;
                case 24 -> triple(3 * i, byteOrder);
                case 32 -> bytes.getInt(4 * i) & 0xFFFFFFFFL;
                case 64 -> bytes.getLong(8 * i);
                default -> packed((long) i * size, size);
            };
        }
    }

    private long triple(int at, ByteOrder byteOrder) {
        int high = byteOrder == ByteOrder.BIG_ENDIAN ? at : at + 2;
        int low = byteOrder == ByteOrder.BIG_ENDIAN ? at + 2 : at;
        return (row[high] & 255) << 16 | (row[at + 1] & 255) << 8 | row[low] & 255;
    }

    private long packed(long at, int size) {
        long value = 0;
        for (long bit = at; bit < at + size; bit++) {
            value = value << 1 | row[(int) (bit >> 3)] >> 7 - (bit & 7) & 1;
        }
        return value;
    }

    private void undoDifferences() {
        long mask = page.bits() == 64 ? -1 : page.largest();
        for (int i = samples; i < bits.length; i++) {
            bits[i] = bits[i] + bits[i - samples] & mask;
        }
    }

    private void interpret(double[] values) {
        int size = page.bits();
        switch (page.format()) {
            case UNSIGNED -> {
                for (int i = 0; i < bits.length; i++) {
                    values[i] = size == 64 ? Long.divideUnsigned(bits[i], 2) * 2.0 : bits[i];
                }
            }
            case SIGNED -> {
                for (int i = 0; i < bits.length; i++) {
                    values[i] = bits[i] << 64 - size >> 64 - size;
                }
            }
            case FLOAT -> {
                for (int i = 0; i < bits.length; i++) {
                    values[i] = switch (size) {
                        case 16 -> small(bits[i], 5, 10);
                        case 24 -> small(bits[i], 7, 16);
                        case 32 -> Float.intBitsToFloat((int) bits[i]);
                        default -> Double.longBitsToDouble(bits[i]);
                    };
                }
            }
        }
    }

    /** A binary floating-point number of the given bits of exponent and fraction. */
    private static double small(long bits, int exponentBits, int fractionBits) {
        long fraction = bits & (1L << fractionBits) - 1;
        int exponent = (int) (bits >> fractionBits) & (1 << exponentBits) - 1;
        int bias = (1 << exponentBits - 1) - 1;
        double sign = (bits >> fractionBits + exponentBits & 1) == 0 ? 1 : -1;
        if (exponent == (1 << exponentBits) - 1) {
            return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        double scaled = exponent == 0 ? fraction : fraction + (1L << fractionBits);
        return sign * Math.scalb(scaled, Math.max(exponent, 1) - bias - fractionBits);
    }
}
