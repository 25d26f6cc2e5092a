package dev.sam2j.video;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.video.ffmpeg.Ffmpeg;
import dev.sam2j.video.ffmpeg.FileKind;
import dev.sam2j.video.ffmpeg.FrameIndex;
import dev.sam2j.video.ffmpeg.RgbFrames;
import dev.sam2j.video.ffmpeg.VideoDecoder;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avutil.AVRational;

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
 * <p>What cannot be decoded is passed over, as ffmpeg does, and frames of another size than the first are scaled to it:
 * {@link #damage()} tells. With {@link VideoReadOptions#strict()} a file can be used up to the first damage, and
 * reading the first frame that is not whole, which counts as the last one of the video, throws.
 *
 * <p>One thread at a time uses it: a second one, and use after {@link #close()}, get an {@link IllegalStateException}.
 */
public final class VideoFile implements FrameSource {
    /** Largest accepted width times height. */
    public static final long MAX_PIXELS = 1L << 26;

    private static final int MAX_REORDERED = 16;

    private final Path file;
    private final VideoReadOptions options;
    private final FrameIndex index;
    private final int threads;
    private final double framesPerSecond;
    private final double secondsPerTick;
    private final long start;
    private final long declaredEnd;
    private final RgbFrames rgb = new RgbFrames();
    private final Lifecycle lifecycle;
    private VideoDecoder decoder;
    private int next;
    private boolean fromStart = true;

    private VideoFile(Path file, VideoReadOptions options, FrameIndex index, VideoDecoder decoder, int threads) {
        this.file = file;
        this.options = options;
        this.index = index;
        this.threads = threads;
        this.decoder = decoder;
        this.lifecycle = Lifecycle.exclusive("the video file " + file, null);
        this.framesPerSecond = decoder.input().framesPerSecond();
        AVRational base = decoder.input().stream().time_base();
        this.secondsPerTick = (double) base.num() / base.den();
        this.start = decoder.input().start();
        this.declaredEnd = decoder.input().declaredEnd();
    }

    /**
     * Opens a file with {@link VideoReadOptions#DEFAULT}.
     *
     * @throws VideoException as {@link #open(Path, VideoReadOptions)} does
     */
    public static VideoFile open(Path file) {
        return open(file, VideoReadOptions.DEFAULT);
    }

    /**
     * Opens a file and decodes it once to count its frames.
     *
     * @throws VideoException if it is not there or no video, its frames are too large or too many for a file of its
     *     size, not one of them can be decoded, nothing can decode it, or FFmpeg's library for this machine is not on
     *     the class path
     */
    public static VideoFile open(Path file, VideoReadOptions options) {
        FileKind.requireVideo(file);
        Ffmpeg.require();
        FrameIndex index = FrameIndex.of(file, options, VideoDecoder.MAX_THREADS);
        int threads = VideoDecoder.MAX_THREADS;
        if (index.damage().isBetween(0, index.frames())) {
            threads = 1; // several make up what is missing in another way each time
            index = FrameIndex.of(file, options, threads);
        }
        return new VideoFile(file, options, index, VideoDecoder.open(file, options, threads), threads);
    }

    @Override
    public String description() {
        return file.toString();
    }

    /** Number of frames; the last one cannot be read if there is {@link #damage()} and the file is read strictly. */
    @Override
    public int frames() {
        return index.frames() + (endsEarly() ? 1 : 0);
    }

    private boolean endsEarly() {
        return options.strict() && index.damage().end() != null;
    }

    @Override
    public int width() {
        return index.orientation().width(index.width(), index.height());
    }

    @Override
    public int height() {
        return index.orientation().height(index.width(), index.height());
    }

    /** Frames per second, as far as the file tells, or 0 if it does not. */
    public double framesPerSecond() {
        return framesPerSecond;
    }

    /**
     * When a frame is shown, in seconds since the file begins, as players count. Files whose frames have no ascending
     * times are taken to show them at {@link #framesPerSecond()}, or at 25 frames per second if they do not tell that.
     *
     * @param frame from 0 to {@code frames()}: that is when the last one has been shown
     */
    public double time(int frame) {
        if (frame < 0 || frame > frames()) {
            throw new IllegalArgumentException(file + ": time of frame " + frame + ", expected 0 to " + frames());
        }
        double duration = 1 / (framesPerSecond > 0 ? framesPerSecond : 25);
        if (!index.ordered()) {
            return frame * duration;
        }
        if (frame < index.frames()) {
            return (index.times()[frame] - start) * secondsPerTick;
        }
        // Decoders guess how long the last frame is shown from the one stored last; the file's own end counts more.
        int last = index.frames() - 1;
        double guessed = index.lastDuration() > 0 ? index.lastDuration() * secondsPerTick : duration;
        double declared = (declaredEnd - index.times()[last]) * secondsPerTick;
        return time(last) + Math.min(guessed, Math.max(duration, declared));
    }

    /**
     * How long the video lasts in seconds, as the file says. That may be less than up to the end of the last frame,
     * which {@link #time} tells, in files whose last frames are stored out of order.
     */
    public double duration() {
        double whole = time(frames()) - time(0);
        int last = index.frames() - 1;
        boolean likely = index.ordered() && declaredEnd > index.times()[Math.max(0, last - MAX_REORDERED)];
        return likely ? Math.min(whole, (declaredEnd - start) * secondsPerTick - time(0)) : whole;
    }

    /**
     * What is wrong with the file, in one sentence, or null if it is whole: what was passed over, scaled, or is missing
     * at its end; if it is read strictly, at which frame it is damaged or ends too early and why.
     */
    public String damage() {
        if (options.strict()) {
            return endsEarly()
                    ? file + ": frame " + index.frames() + " cannot be read, "
                            + index.damage().end()
                    : null;
        }
        String sentence = index.damage().sentence();
        return sentence == null ? null : file + ": " + sentence;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if this has been closed, or another thread is using it
     */
    @Override
    public Picture read(int frame) {
        try (Lifecycle.Use use = lifecycle.use()) {
            if (frame < 0 || frame >= frames()) {
                throw new VideoException(
                        "there is no frame " + frame + ", " + file + " has frames 0 to " + (frames() - 1));
            }
            if (frame == index.frames()) {
                throw new VideoException(damage());
            }
            if (next != frame + 1) { // else it is asked for again
                decode(frame);
            }
            int width = decoder.frame().width();
            int height = decoder.frame().height();
            if (options.strict() && (width != index.width() || height != index.height())) {
                throw new VideoException(file + ": frame " + frame + " is " + width + "x" + height
                        + ", but the video is " + index.width() + "x" + index.height());
            }
            return rgb.convert(description(), decoder.frame(), index.width(), index.height(), index.orientation());
        }
    }

    private void decode(int frame) {
        goTo(frame);
        while (next <= frame) {
            boolean decoded = decoder.next();
            if (decoded && (!index.ordered() || decoder.time() == index.times()[next])) {
                next++;
            } else if (!fromStart) {
                restart(); // from a key frame on, a damaged file may give other frames
            } else {
                String reason = decoder.damage().end() == null
                        ? "the file has changed"
                        : decoder.damage().end();
                restart();
                throw new VideoException(file + ": frame " + frame + " cannot be read, " + reason);
            }
        }
    }

    /** Makes the decoder stand before a frame. */
    private void goTo(int frame) {
        int key = index.keyBefore(frame);
        boolean ahead = next <= frame && decoder != null;
        boolean alike = index.ordered() && !index.damage().isBetween(key, frame);
        if (ahead && (key <= next || !alike && fromStart)) {
            return; // on the way anyway
        }
        if (!alike || decoder == null || !decoder.seek(index.times()[key])) {
            restart();
            return;
        }
        fromStart = false;
        long time = index.times()[key];
        boolean found = decoder.next();
        while (found && decoder.time() < time) { // frames before the key frame whose references are missing
            found = decoder.next();
        }
        if (found && decoder.time() == time) {
            next = key + 1;
        } else {
            restart();
        }
    }

    private void restart() {
        VideoDecoder old = decoder;
        decoder = null; // also if the file cannot be opened again
        next = 0;
        fromStart = true;
        if (old != null) {
            old.close();
        }
        decoder = VideoDecoder.open(file, options, threads);
    }

    /**
     * Releases the decoder; once is enough.
     *
     * @throws IllegalStateException if another thread is using this
     */
    @Override
    public void close() {
        if (lifecycle.close()) {
            rgb.close();
            if (decoder != null) {
                decoder.close();
            }
        }
    }
}
