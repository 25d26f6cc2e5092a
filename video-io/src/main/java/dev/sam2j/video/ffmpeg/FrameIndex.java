package dev.sam2j.video.ffmpeg;

import dev.sam2j.predictors.image.pixels.Orientation;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.video.VideoReadOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * What decoding the whole file once has told: containers often say wrong how many frames they hold.
 *
 * @param times when each frame is shown, in the stream's time base
 * @param lastDuration how long the last frame is shown, 0 if the file does not tell
 * @param keys frames from which decoding can begin
 * @param ordered whether the times are known and ascend, so that frames can be found by them
 * @param width width of the first frame, as stored
 * @param height height of the first frame, as stored
 * @param orientation how frames are turned to stand upright
 * @param damage what is wrong
 */
public record FrameIndex(
        long[] times,
        long lastDuration,
        BitSet keys,
        boolean ordered,
        int width,
        int height,
        Orientation orientation,
        Damage damage) {
    private static final int MAX_FRAMES = 50_000_000;

    /**
     * Pixels that may be decoded whatever the size of the file, 2,000 frames of 4K, and more for each of its bytes: ten
     * times what still screens in the best formats take. A few bytes can repeat a frame of any size.
     */
    private static final long FREE_PIXELS = 1L << 34;

    private static final long PIXELS_PER_BYTE = 1L << 17;

    /**
     * Decodes a file to its end.
     *
     * @throws VideoException if there is no frame in it, or more than its size makes likely
     */
    public static FrameIndex of(Path file, VideoReadOptions options, int threads) {
        try (VideoDecoder decoder = VideoDecoder.open(file, options, threads)) {
            return of(decoder, file, options);
        }
    }

    private static FrameIndex of(VideoDecoder decoder, Path file, VideoReadOptions options) {
        long[] times = new long[1024];
        BitSet keys = new BitSet();
        int count = 0;
        long duration = 0;
        boolean ordered = true;
        int width = 0;
        int height = 0;
        Orientation orientation = Orientation.NORMAL;
        long pixels = FREE_PIXELS + PIXELS_PER_BYTE * size(file);
        while (decoder.next()) {
            AVFrame frame = decoder.frame();
            if (count == 0) {
                width = frame.width();
                height = frame.height();
                orientation = options.applyOrientation()
                        ? DisplayMatrix.of(frame, decoder.input().stream())
                        : Orientation.NORMAL;
            }
            if (frame.width() != width || frame.height() != height) {
                decoder.damage().resized(count, frame.width(), frame.height());
            }
            pixels -= (long) frame.width() * frame.height();
            if (count == MAX_FRAMES || pixels < 0) {
                throw new VideoException(file + ": more than " + count + " frames of " + width + "x" + height
                        + " pixels, too many for a file of " + size(file) + " bytes");
            }
            if (count == times.length) {
                times = Arrays.copyOf(times, 2 * count);
            }
            times[count] = decoder.time();
            duration = Math.max(0, frame.duration());
            ordered &= times[count] != avutil.AV_NOPTS_VALUE && (count == 0 || times[count] > times[count - 1]);
            keys.set(count, (frame.flags() & AVFrame.AV_FRAME_FLAG_KEY) != 0);
            count++;
        }
        if (count == 0) {
            String reason = decoder.damage().sentence();
            throw new VideoException(file + " cannot be read as a video: there is no whole picture in it"
                    + (reason == null ? "" : " (" + reason + ")"));
        }
        return new FrameIndex(
                Arrays.copyOf(times, count), duration, keys, ordered, width, height, orientation, decoder.damage());
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new VideoException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Number of frames that can be read. */
    public int frames() {
        return times.length;
    }

    /** The last frame at or before another from which decoding can begin; 0 if there is none. */
    public int keyBefore(int frame) {
        return Math.max(0, keys.previousSetBit(frame));
    }
}
