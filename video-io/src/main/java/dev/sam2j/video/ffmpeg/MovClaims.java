package dev.sam2j.video.ffmpeg;

import dev.sam2j.predictors.video.VideoException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Set;

/** How many pictures and pieces of sound an mp4 or mov file claims: FFmpeg takes memory for all before it reads any. */
final class MovClaims {
    private static final int MAX_BOXES = 1_000_000;
    private static final int MAX_DEPTH = 8;

    /** What a file of any length may claim; others may claim one for each of their bytes. */
    private static final long FREE_SAMPLES = 1L << 20;

    private static final Set<Integer> CONTAINERS = Set.of(
            0x6D6F6F76,
            0x7472616B,
            0x6D646961,
            0x6D696E66,
            0x7374626C, // moov, trak, mdia, minf, stbl
            0x6D6F6F66,
            0x74726166); // moof, traf

    private static final int STSZ = 0x7374737A;
    private static final int TRUN = 0x7472756E;

    private final RandomAccessFile in;
    private int boxes;
    private long samples;

    private MovClaims(RandomAccessFile in) {
        this.in = in;
    }

    /**
     * Checks a file; one of another format claims nothing.
     *
     * @throws VideoException if it claims more than it can hold
     */
    static void check(Path file) {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            MovClaims claims = new MovClaims(in);
            claims.count(0, in.length(), 0);
            if (claims.samples > Math.max(FREE_SAMPLES, in.length())) {
                throw new VideoException(file + " cannot be read as a video: it claims " + claims.samples
                        + " pictures and pieces of sound in " + in.length() + " bytes");
            }
        } catch (IOException e) {
            throw new VideoException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void count(long from, long to, int depth) throws IOException {
        for (long at = from; at + 8 <= to && boxes < MAX_BOXES; boxes++) {
            in.seek(at);
            long size = Integer.toUnsignedLong(in.readInt());
            int type = in.readInt();
            int head = size == 1 ? 16 : 8;
            if (size == 1 && at + 16 <= to) {
                size = in.readLong();
            }
            if (size < head) {
                return; // up to the end, or no box
            }
            long end = size > to - at ? to : at + size;
            if (CONTAINERS.contains(type) && depth < MAX_DEPTH) {
                count(at + head, end, depth + 1);
            } else if (type == STSZ && at + head + 12 <= end) {
                in.seek(at + head + 8);
                samples += Integer.toUnsignedLong(in.readInt());
            } else if (type == TRUN && at + head + 8 <= end) {
                in.seek(at + head + 4);
                samples += Integer.toUnsignedLong(in.readInt());
            }
            at = end;
        }
    }
}
