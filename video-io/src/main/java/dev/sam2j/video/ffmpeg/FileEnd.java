package dev.sam2j.video.ffmpeg;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Whether a file is as long as it says. Containers are chains of parts that tell their lengths; FFmpeg reads one whose
 * last part is cut off without a word.
 */
final class FileEnd {
    private static final int MAX_PARTS = 1_000_000;

    /** Longest page of an Ogg file. */
    private static final int MAX_PAGE = 27 + 255 + 255 * 255;

    private static final long EBML = 0x1A45DFA3L;
    private static final long SEGMENT = 0x18538067L;

    private FileEnd() {}

    /** What is missing at the end, or null if nothing is known to be. */
    static String missing(Path file) {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long expected = expected(in);
            return expected <= in.length()
                    ? null
                    : "the file was cut off: it ends after " + in.length() + " of at least " + expected + " bytes";
        } catch (IOException e) {
            return null; // decoding has told, or will
        }
    }

    /** The least length that the file's parts need; 0 if that is not known. */
    private static long expected(RandomAccessFile in) throws IOException {
        byte[] head = new byte[12];
        in.readFully(head);
        String text = new String(head, StandardCharsets.ISO_8859_1);
        in.seek(0);
        if (text.startsWith("RIFF")) {
            return riff(in);
        }
        if (text.startsWith("ftyp", 4) || text.startsWith("moov", 4) || text.startsWith("mdat", 4)) {
            return boxes(in);
        }
        if (text.startsWith("\032\105\337\243")) {
            return matroska(in);
        }
        if (text.startsWith("GIF8")) {
            return gif(in);
        }
        if (text.startsWith("OggS")) {
            return ogg(in);
        }
        return text.startsWith("\211PNG") ? png(in) : 0;
    }

    /** The last byte is a semicolon; some programs append zeros. */
    private static long gif(RandomAccessFile in) throws IOException {
        byte[] tail = tail(in);
        int last = tail.length - 1;
        while (last > 0 && tail[last] == 0) {
            last--;
        }
        return tail[last] == ';' ? 0 : in.length() + 1;
    }

    /** Where the last page ends. */
    private static long ogg(RandomAccessFile in) throws IOException {
        byte[] tail = tail(in);
        int page = new String(tail, StandardCharsets.ISO_8859_1).lastIndexOf("OggS");
        if (page < 0) {
            return 0;
        }
        int segments = page + 26 < tail.length ? tail[page + 26] & 255 : 0;
        long end = in.length() - tail.length + page + 27 + segments;
        for (int i = page + 27; i < Math.min(tail.length, page + 27 + segments); i++) {
            end += tail[i] & 255;
        }
        return end;
    }

    private static byte[] tail(RandomAccessFile in) throws IOException {
        byte[] tail = new byte[(int) Math.min(in.length(), MAX_PAGE)];
        in.seek(in.length() - tail.length);
        in.readFully(tail);
        return tail;
    }

    private static long riff(RandomAccessFile in) throws IOException {
        long end = 0;
        for (int i = 0; i < MAX_PARTS && end + 8 <= in.length(); i++) {
            in.seek(end);
            int id = in.readInt();
            long size = Integer.toUnsignedLong(Integer.reverseBytes(in.readInt()));
            if (id != 0x52494646 || size == 0 || size == 0xFFFFFFFFL) { // RIFF; sizes of unfinished recordings
                return end;
            }
            end += 8 + size;
            if (end > in.length()) {
                return end;
            }
            end += size & 1;
        }
        return 0;
    }

    private static long boxes(RandomAccessFile in) throws IOException {
        long end = 0;
        for (int i = 0; i < MAX_PARTS && end + 8 <= in.length(); i++) {
            in.seek(end);
            long size = Integer.toUnsignedLong(in.readInt());
            int type = in.readInt();
            if (size == 1) {
                size = end + 16 <= in.length() ? in.readLong() : 16;
            }
            if (size < 8 || !isName(type) || size > Long.MAX_VALUE - end) {
                return 0; // up to the end of the file, or no box
            }
            end += size;
        }
        return end;
    }

    private static boolean isName(int type) {
        for (int shift = 0; shift < 32; shift += 8) {
            int letter = type >> shift & 255;
            if (letter < ' ' || letter > '~' && letter != 0xA9) {
                return false;
            }
        }
        return true;
    }

    private static long matroska(RandomAccessFile in) throws IOException {
        for (long end = 0; end < in.length(); ) {
            in.seek(end);
            long id = Integer.toUnsignedLong(in.readInt());
            int first = in.readUnsignedByte();
            int length = Integer.numberOfLeadingZeros(first) - 24;
            if (length > 7) {
                return 0;
            }
            long size = first & 0x7F >> length;
            boolean unknown = size == 0x7F >> length;
            for (int i = 0; i < length; i++) {
                int next = in.readUnsignedByte();
                unknown &= next == 255;
                size = size << 8 | next;
            }
            if (unknown || id != EBML && id != SEGMENT) {
                return 0;
            }
            end = in.getFilePointer() + size;
            if (id == SEGMENT) {
                return end;
            }
        }
        return 0;
    }

    private static long png(RandomAccessFile in) throws IOException {
        long end = 8;
        for (int i = 0; i < MAX_PARTS; i++) {
            in.seek(end);
            if (end + 8 > in.length()) {
                return end + 12;
            }
            long size = Integer.toUnsignedLong(in.readInt());
            int type = in.readInt();
            if (!isName(type)) {
                return 0;
            }
            end += 12 + size;
            if (type == 0x49454E44) { // IEND
                return end;
            }
        }
        return 0;
    }
}
