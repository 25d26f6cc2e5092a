package dev.sam2j.video.still;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The boxes of a HEIF file, as far as FFmpeg must be helped with them. */
final class HeifBoxes {
    private static final int META = 0x6D657461;
    private static final int IREF = 0x69726566;
    private static final int THMB = 0x74686D62;
    private static final byte[] FREE = "free".getBytes(StandardCharsets.US_ASCII);

    private HeifBoxes() {}

    /** The file without the notes of which picture a thumbnail is: FFmpeg refuses files for some of them. */
    static byte[] withoutThumbnails(byte[] file) {
        byte[] copy = file.clone();
        ByteBuffer bytes = ByteBuffer.wrap(copy);
        int meta = find(bytes, 0, copy.length, META);
        int iref = meta < 0 ? -1 : find(bytes, meta + 12, end(bytes, meta, copy.length), IREF);
        if (iref < 0) {
            return copy;
        }
        int end = end(bytes, iref, copy.length);
        for (int box = find(bytes, iref + 12, end, THMB); box >= 0; box = find(bytes, box, end, THMB)) {
            System.arraycopy(FREE, 0, copy, box + 4, FREE.length);
        }
        return copy;
    }

    /** Where the first box of a type begins in a range, or -1. */
    private static int find(ByteBuffer bytes, int from, int to, int type) {
        int at = from;
        while (at >= 0 && at + 8 <= to) {
            if (bytes.getInt(at + 4) == type) {
                return at;
            }
            int next = end(bytes, at, to);
            at = next > at ? next : -1;
        }
        return -1;
    }

    /** Where a box ends; not behind its parent. */
    private static int end(ByteBuffer bytes, int box, int parent) {
        long size = Integer.toUnsignedLong(bytes.getInt(box));
        if (size == 1) {
            size = box + 16 <= parent ? bytes.getLong(box + 8) : 0;
        }
        return size < 8 || size > parent - box ? parent : box + (int) size;
    }
}
