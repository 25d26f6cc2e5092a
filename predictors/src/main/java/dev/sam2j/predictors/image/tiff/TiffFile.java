package dev.sam2j.predictors.image.tiff;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;

/**
 * The directories of a TIFF or BigTIFF file. Values are read when they are asked for, and never more of them than the
 * file can hold, so that nothing it claims costs more than its own length.
 */
public final class TiffFile {
    static final int NEW_SUBFILE_TYPE = 254;
    static final int SUBFILE_TYPE = 255;
    private static final int SUB_IFDS = 330;
    /** Bytes of one value by type; 0 for what no type has. */
    private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

    private static final int SHORT = 3;
    private static final int SIGNED_BYTE = 6;
    private static final int SIGNED_SHORT = 8;
    private static final int SIGNED_LONG = 9;
    private static final int DOUBLE = 12;
    private static final int FLOAT = 11;

    private final ByteBuffer bytes;
    private final boolean big;
    private final Set<Long> seen = new HashSet<>();
    private final List<Directory> pages = new ArrayList<>();
    /** Entries of honest files do not overlap, so there cannot be more of them. */
    private long entriesLeft;

    /** One directory: where its entries start and how many there are. */
    record Directory(int at, int entries) {}

    private TiffFile(ByteBuffer bytes, boolean big) {
        this.bytes = bytes;
        this.big = big;
        this.entriesLeft = bytes.limit() / 12 + 1;
    }

    /** Whether bytes begin as a TIFF or BigTIFF file does. */
    public static boolean isTiff(ByteBuffer bytes) {
        if (bytes.limit() < 8) {
            return false;
        }
        int order = bytes.getShort(0);
        int version = order == 0x4949 ? Short.reverseBytes(bytes.getShort(2)) : bytes.getShort(2);
        return (order == 0x4949 || order == 0x4D4D) && (version == 42 || version == 43);
    }

    /**
     * Finds the pages of a file that {@link #isTiff}: reduced copies (thumbnails, pyramid levels) and transparency
     * masks are passed over where there is anything else.
     */
    public static TiffFile open(ByteBuffer file) throws IOException {
        ByteBuffer bytes = file.duplicate();
        bytes.order(bytes.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        TiffFile tiff = new TiffFile(bytes, bytes.getShort(2) == 43);
        try {
            tiff.findPages();
        } catch (IndexOutOfBoundsException | BufferUnderflowException e) {
            throw new IOException("a directory is outside the file", e);
        }
        return tiff;
    }

    private void findPages() throws IOException {
        List<Directory> all = new ArrayList<>();
        chain(big ? bytes.getLong(8) : bytes.getInt(4) & 0xFFFFFFFFL, all);
        all.stream().filter(this::isFullPicture).forEach(pages::add);
        if (pages.isEmpty()) {
            // Raw files of cameras: the chain holds a thumbnail, the picture hangs below it.
            for (Directory thumbnail : List.copyOf(all)) {
                for (long offset : numbers(thumbnail, SUB_IFDS)) {
                    chain(offset, all);
                }
            }
            all.stream().filter(this::isFullPicture).forEach(pages::add);
        }
        if (pages.isEmpty()) {
            pages.addAll(all);
        }
        if (pages.isEmpty()) {
            throw new IOException("it holds no picture");
        }
    }

    private void chain(long first, List<Directory> directories) throws IOException {
        long at = first;
        while (at != 0 && seen.add(at)) {
            int head = big ? 8 : 2;
            int size = big ? 20 : 12;
            if (at < 8 || at > bytes.limit() - head) {
                throw new IOException("a directory is outside the file");
            }
            long count = big ? bytes.getLong((int) at) : bytes.getShort((int) at) & 0xFFFF;
            long end = at + head + count * size;
            entriesLeft -= count;
            if (count < 0 || count > bytes.limit() / size || end > bytes.limit() || entriesLeft < 0) {
                throw new IOException("a directory is outside the file");
            }
            directories.add(new Directory((int) at + head, (int) count));
            boolean last = end > bytes.limit() - (big ? 8 : 4);
            at = last ? 0 : big ? bytes.getLong((int) end) : bytes.getInt((int) end) & 0xFFFFFFFFL;
        }
    }

    private boolean isFullPicture(Directory directory) {
        long[] kind = numbers(directory, NEW_SUBFILE_TYPE);
        long[] oldKind = numbers(directory, SUBFILE_TYPE);
        boolean reducedOrMask = kind.length == 1 && (kind[0] & 5) != 0;
        return !reducedOrMask && !(oldKind.length == 1 && oldKind[0] == 2);
    }

    /** Number of pages, at least 1. */
    public int pages() {
        return pages.size();
    }

    /** A page's directory. */
    public Directory page(int index) {
        return pages.get(index);
    }

    /** The file, in its byte order. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** The integers of an entry, none if there is no such entry or the file ends before its values do. */
    long[] numbers(Directory directory, int tag) {
        return DoubleStream.of(values(directory, tag))
                .mapToLong(value -> (long) value)
                .toArray();
    }

    /** The first integer of an entry, or {@code fallback}. */
    long number(Directory directory, int tag, long fallback) {
        long[] numbers = numbers(directory, tag);
        return numbers.length == 0 ? fallback : numbers[0];
    }

    /** The values of an entry, none if there is no such entry; offsets are exact up to 2<sup>53</sup>. */
    double[] values(Directory directory, int tag) {
        Entry entry = find(directory, tag);
        if (entry == null) {
            return new double[0];
        }
        double[] values = new double[entry.count];
        Arrays.setAll(values, i -> value(entry.type, entry.at + i * TYPE_BYTES[entry.type]));
        return values;
    }

    /** The bytes of an entry as a part of the file, or null. */
    ByteBuffer raw(Directory directory, int tag) {
        Entry entry = find(directory, tag);
        return entry == null ? null : bytes.slice(entry.at, entry.count * TYPE_BYTES[entry.type]);
    }

    private record Entry(int type, int count, int at) {}

    private Entry find(Directory directory, int tag) {
        int size = big ? 20 : 12;
        for (int i = 0; i < directory.entries; i++) {
            int at = directory.at + i * size;
            if ((bytes.getShort(at) & 0xFFFF) == tag) {
                int type = bytes.getShort(at + 2) & 0xFFFF;
                long count = big ? bytes.getLong(at + 4) : bytes.getInt(at + 4) & 0xFFFFFFFFL;
                int unit = type < TYPE_BYTES.length ? TYPE_BYTES[type] : 0;
                if (unit == 0 || count < 1 || count > bytes.limit() / unit) {
                    return null;
                }
                int inline = big ? 8 : 4;
                int value = at + size - inline;
                long where =
                        count * unit <= inline ? value : big ? bytes.getLong(value) : bytes.getInt(value) & 0xFFFFFFFFL;
                boolean inside = where >= 0 && where <= bytes.limit() - count * unit;
                return inside ? new Entry(type, (int) count, (int) where) : null;
            }
        }
        return null;
    }

    private double value(int type, int at) {
        return switch (type) {
            case SHORT -> bytes.getShort(at) & 0xFFFF;
            case 4, 13 -> bytes.getInt(at) & 0xFFFFFFFFL;
            case 5 -> (bytes.getInt(at) & 0xFFFFFFFFL) / (double) (bytes.getInt(at + 4) & 0xFFFFFFFFL);
            case SIGNED_BYTE -> bytes.get(at);
            case SIGNED_SHORT -> bytes.getShort(at);
            case SIGNED_LONG -> bytes.getInt(at);
            case 10 -> bytes.getInt(at) / (double) bytes.getInt(at + 4);
            case FLOAT -> bytes.getFloat(at);
            case DOUBLE -> bytes.getDouble(at);
            case 16, 17, 18 -> bytes.getLong(at);
            default -> bytes.get(at) & 255;
        };
    }
}
