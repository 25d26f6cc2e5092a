package dev.sam2j.video;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.predictors.video.VideoException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The frames of a video file: mp4, mov, webm, mkv, avi and others that FFmpeg decodes. Frame i is the i-th decoded
 * frame in the order of showing. {@link #open} decodes the file once, to count; {@link #read} is fast for the next
 * frame and begins at the nearest key frame for others. Notes of phones and cameras on how to turn the pictures are
 * followed.
 *
 * <p>Frames are read at their own size and scaled to the model's input like those of a folder (8-bit bicubic). The
 * reference lets its video decoder scale instead, with a filter that depends on the decoder's build, so that results on
 * video files agree with it closely but not to the last digit; extract the frames into a folder where that matters.
 *
 * <p>A file that is damaged or was cut off can be used up to there: {@link #damage()} tells, and reading the first
 * frame that is not whole, which counts as the last one of the video, throws.
 */
public final class VideoFile implements FrameSource {
    /** Largest accepted width times height. */
    public static final long MAX_PIXELS = 1L << 26;

    private final Path file;
    private final FrameIndex index;
    private final Turn turn;
    private final double framesPerSecond;
    private final RgbFrames rgb = new RgbFrames();
    private VideoDecoder decoder;
    private int next;

    private VideoFile(Path file, FrameIndex index, VideoDecoder decoder) {
        this.file = file;
        this.index = index;
        this.decoder = decoder;
        this.turn = Turn.of(decoder.stream());
        this.framesPerSecond = decoder.framesPerSecond();
    }

    /**
     * Opens a file and decodes it once to count its frames.
     *
     * @throws VideoException if it is not there or no video, its frames are too large, not one of them is whole,
     *     nothing can decode it, or FFmpeg's library for this machine is not on the class path
     */
    public static VideoFile open(Path file) {
        if (!Files.exists(file)) {
            throw new VideoException(file + " does not exist");
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new VideoException(file + " is not a file that can be read");
        }
        Ffmpeg.require();
        FrameIndex index;
        try (VideoDecoder scan = VideoDecoder.open(file, MAX_PIXELS)) {
            index = FrameIndex.of(scan, file);
        }
        return new VideoFile(file, index, VideoDecoder.open(file, MAX_PIXELS));
    }

    @Override
    public String description() {
        return file.toString();
    }

    /** Number of frames; the last one cannot be read if there is {@link #damage()}. */
    @Override
    public int frames() {
        return index.frames() + (index.damage() == null ? 0 : 1);
    }

    @Override
    public int width() {
        return turn.width(index.width(), index.height());
    }

    @Override
    public int height() {
        return turn.height(index.width(), index.height());
    }

    /** Frames per second, as far as the file tells, or 0 if it does not. */
    public double framesPerSecond() {
        return framesPerSecond;
    }

    /** At which frame the file is damaged or ends too early and why, in one sentence, or null if it is whole. */
    public String damage() {
        return index.damage() == null
                ? null
                : file + ": frame " + index.frames() + " cannot be read, " + index.damage();
    }

    @Override
    public Picture read(int frame) {
        if (frame < 0 || frame >= frames()) {
            throw new VideoException("there is no frame " + frame + ", " + file + " has frames 0 to " + (frames() - 1));
        }
        if (frame == index.frames()) {
            throw new VideoException(damage());
        }
        goTo(frame);
        while (next <= frame) {
            if (!decoder.next()) {
                String reason = decoder.damage() == null ? "the file has changed" : decoder.damage();
                throw new VideoException(file + ": frame " + frame + " cannot be read, " + reason);
            }
            next++;
        }
        int width = decoder.frame().width();
        int height = decoder.frame().height();
        if (width != index.width() || height != index.height()) {
            throw new VideoException(file + ": frame " + frame + " is " + width + "x" + height + ", but the video is "
                    + index.width() + "x" + index.height());
        }
        return rgb.convert(decoder.frame(), turn);
    }

    /** Makes the decoder stand before a frame, or at it: then {@link #next} is one more. */
    private void goTo(int frame) {
        if (next == frame + 1) {
            return; // asked for again
        }
        int key = index.keyBefore(frame);
        boolean ahead = next <= frame;
        if (ahead && key <= next) {
            return; // on the way anyway
        }
        if (index.ordered() && decoder.seek(index.times()[key]) && decoder.next()) {
            int found = index.at(decoder.time());
            if (found >= 0 && found <= frame) {
                next = found + 1;
                return;
            }
        }
        decoder.close();
        decoder = VideoDecoder.open(file, MAX_PIXELS);
        next = 0;
    }

    @Override
    public void close() {
        rgb.close();
        decoder.close();
    }
}
