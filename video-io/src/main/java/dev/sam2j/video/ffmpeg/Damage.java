package dev.sam2j.video.ffmpeg;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** What is wrong with a file, noted while it is decoded from its beginning to its end. */
public final class Damage {
    /** How many frames a decoder may hold back: 16 to bring them into order, and one for each thread. */
    private static final int MAX_DELAY = 20;

    private final Kind skipped = new Kind(
            "chunk of data that cannot be decoded was skipped",
            "chunks of data that " + "cannot be decoded were skipped");
    private final Kind incomplete = new Kind("chunk of data is incomplete", "chunks of data are incomplete");
    private final Kind damaged = new Kind("picture is damaged", "pictures are damaged");
    private final Kind resized = new Kind("picture of another size was scaled", "pictures of another size were scaled");
    private final BitSet frames = new BitSet();
    private String end;

    /** One kind of damage: how often, and where first. */
    private static final class Kind {
        private final String one;
        private final String many;
        private long count;
        private String first;

        Kind(String one, String many) {
            this.one = one;
            this.many = many;
        }

        void add(String where) {
            if (count++ == 0) {
                first = where;
            }
        }

        void describe(List<String> parts) {
            if (count > 0) {
                parts.add(count + " " + (count == 1 ? one : many) + " (" + (count == 1 ? "" : "first ") + first + ")");
            }
        }
    }

    /** Data before a frame could not be decoded. */
    void skipped(int frame, String reason) {
        frames.set(frame, frame + MAX_DELAY);
        skipped.add("before frame " + frame + ": " + reason);
    }

    /** The container says that data before a frame are not all there; the decoder makes of them what it can. */
    void incomplete(int frame) {
        frames.set(frame, frame + MAX_DELAY);
        incomplete.add("before frame " + frame);
    }

    /** A frame is not as it was, but the decoder has made up what is missing. */
    void damaged(int frame) {
        frames.set(frame);
        damaged.add("frame " + frame);
    }

    /** A frame has another size than the first one. */
    void resized(int frame, int width, int height) {
        resized.add("frame " + frame + ": " + width + "x" + height);
    }

    /** Whether one of some frames may be damaged: then decoding may give another picture if it begins elsewhere. */
    public boolean isBetween(int first, int last) {
        int damaged = frames.nextSetBit(first);
        return damaged >= 0 && damaged <= last;
    }

    /** The video ends before its time; the first reason counts. */
    void ends(String reason) {
        if (end == null) {
            end = reason;
        }
    }

    /** Why the video ends before its time, or null. */
    public String end() {
        return end;
    }

    /** Everything on one line, or null if nothing is wrong. */
    public String sentence() {
        List<String> parts = new ArrayList<>();
        skipped.describe(parts);
        incomplete.describe(parts);
        damaged.describe(parts);
        resized.describe(parts);
        if (end != null) {
            parts.add(end);
        }
        return parts.isEmpty() ? null : String.join("; ", parts);
    }
}
