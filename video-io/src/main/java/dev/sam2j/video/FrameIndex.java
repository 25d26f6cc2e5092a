package dev.sam2j.video;

import dev.sam2j.predictors.video.VideoException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * What decoding the whole file once has told: containers often say wrong how many frames they hold.
 *
 * @param times when each whole frame is shown, in the stream's time base
 * @param keys frames from which decoding can begin
 * @param ordered whether the times are known and ascend, so that frames can be found by them
 * @param width width of the first frame, as stored
 * @param height height of the first frame, as stored
 * @param damage why the video ends before its time, or null
 */
record FrameIndex(long[] times, BitSet keys, boolean ordered, int width, int height, String damage) {
    private static final int MAX_FRAMES = 50_000_000;

    /**
     * Decodes a file to its end.
     *
     * @throws VideoException if there is no whole frame in it
     */
    static FrameIndex of(VideoDecoder decoder, Path file) {
        long[] times = new long[1024];
        BitSet keys = new BitSet();
        int count = 0;
        boolean ordered = true;
        int width = 0;
        int height = 0;
        while (decoder.next()) {
            if (count == 0) {
                width = decoder.frame().width();
                height = decoder.frame().height();
            }
            if (count == MAX_FRAMES) {
                throw new VideoException(file + ": more than the limit of " + MAX_FRAMES + " frames");
            }
            if (count == times.length) {
                times = Arrays.copyOf(times, 2 * count);
            }
            times[count] = decoder.time();
            ordered &= times[count] != avutil.AV_NOPTS_VALUE && (count == 0 || times[count] > times[count - 1]);
            keys.set(count, (decoder.frame().flags() & AVFrame.AV_FRAME_FLAG_KEY) != 0);
            count++;
        }
        if (count == 0) {
            throw new VideoException(file + " cannot be read as a video: there is no whole picture in it");
        }
        return new FrameIndex(Arrays.copyOf(times, count), keys, ordered, width, height, decoder.damage());
    }

    /** Number of whole frames. */
    int frames() {
        return times.length;
    }

    /** The last frame at or before another from which decoding can begin; 0 if there is none. */
    int keyBefore(int frame) {
        return Math.max(0, keys.previousSetBit(frame));
    }

    /** The frame shown at a time, negative if there is none. */
    int at(long time) {
        return Arrays.binarySearch(times, time);
    }
}
