package dev.sam2j.video.ffmpeg;

import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.video.VideoReadOptions;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Decodes the frames of a file one after another, in the order in which they are shown. What cannot be decoded is
 * passed over and noted, as ffmpeg does. If strict, decoding ends at the first damage, except before the first whole
 * frame (a clip cut out of a longer video).
 */
public final class VideoDecoder implements AutoCloseable {
    /** Threads that decode an undamaged file. */
    public static final int MAX_THREADS = Math.min(4, Runtime.getRuntime().availableProcessors());

    /** More than a decoder can hold back at the end. */
    private static final int MAX_FAILURES_AT_END = 1000;

    private final Path file;
    private final VideoReadOptions options;
    private final VideoInput input;
    private final Damage damage = new Damage();
    private AVCodecContext codec;
    private AVPacket packet;
    private AVFrame frame;
    private boolean draining;
    private boolean ended;
    private int decoded;
    private int failuresAtEnd;

    private VideoDecoder(Path file, VideoReadOptions options, VideoInput input) {
        this.file = file;
        this.options = options;
        this.input = input;
    }

    /**
     * Opens a file at its first frame.
     *
     * @throws VideoException if it is no video, its frames are too large, or nothing here can decode it
     */
    public static VideoDecoder open(Path file, VideoReadOptions options, int threads) {
        VideoDecoder decoder = new VideoDecoder(file, options, VideoInput.open(file));
        try {
            decoder.openCodec(threads);
            return decoder;
        } catch (RuntimeException | Error e) {
            decoder.close();
            throw e;
        }
    }

    private void openCodec(int threads) {
        int id = input.stream().codecpar().codec_id();
        requireSize(input.stream().codecpar().width(), input.stream().codecpar().height());
        AVCodec decoder = avcodec.avcodec_find_decoder(id);
        if (decoder == null || decoder.isNull()) {
            throw new VideoException(file + " cannot be decoded: there is no decoder of "
                    + avcodec.avcodec_get_name(id).getString());
        }
        codec = avcodec.avcodec_alloc_context3(decoder);
        packet = avcodec.av_packet_alloc();
        frame = avutil.av_frame_alloc();
        avcodec.avcodec_parameters_to_context(codec, input.stream().codecpar());
        codec.pkt_timebase(input.stream().time_base());
        codec.max_pixels(options.maxPixels());
        codec.thread_count(threads);
        int opened = avcodec.avcodec_open2(codec, decoder, (PointerPointer<?>) null);
        if (opened < 0) {
            throw new VideoException(file + " cannot be decoded: " + Ffmpeg.message(opened));
        }
    }

    private void requireSize(int width, int height) {
        if (width < 1 || height < 1) {
            throw new VideoException(file + " cannot be read as a video: its frames have no size");
        }
        if ((long) width * height > options.maxPixels()) {
            throw new VideoException(file + ": frames of " + width + "x" + height + " pixels, more than the limit of "
                    + options.maxPixels());
        }
    }

    /** Where the packets come from. */
    public VideoInput input() {
        return input;
    }

    /** The frame decoded last; the decoder's own. */
    public AVFrame frame() {
        return frame;
    }

    /** When the frame decoded last is shown, in the stream's time base, or {@code AV_NOPTS_VALUE}. */
    public long time() {
        return frame.best_effort_timestamp();
    }

    /** What was found to be wrong so far. */
    public Damage damage() {
        return damage;
    }

    /** Decodes the next frame; false at the end, and at the first damage if strict. */
    public boolean next() {
        while (!ended) {
            int got = avcodec.avcodec_receive_frame(codec, frame);
            if (got >= 0) {
                if (isTaken()) {
                    decoded++;
                    return true;
                }
            } else if (got == avutil.AVERROR_EAGAIN()) {
                feed();
            } else if (got == avutil.AVERROR_EOF) {
                ended = true;
            } else {
                broken(got);
            }
        }
        return false;
    }

    private boolean isTaken() {
        boolean whole = (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) == 0 && frame.decode_error_flags() == 0;
        if (whole) {
            return true;
        }
        if (!options.strict()) {
            damage.damaged(decoded);
            return true;
        }
        if (decoded > 0) {
            damage.ends("the picture is damaged");
            ended = true;
        }
        return false;
    }

    private void feed() {
        int read = input.read(packet);
        if (read < 0) {
            String reason = read == avutil.AVERROR_EOF ? input.missingEnd() : Ffmpeg.message(read);
            if (reason != null) {
                damage.ends(reason);
            }
            drain();
            return;
        }
        boolean cut = (packet.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0;
        if (cut && !options.strict()) {
            damage.incomplete(decoded);
        } else if (cut && decoded > 0) {
            avcodec.av_packet_unref(packet);
            damage.ends("the file ends within the picture or is damaged there");
            drain();
            return;
        }
        int sent = avcodec.avcodec_send_packet(codec, packet);
        avcodec.av_packet_unref(packet);
        if (sent < 0) {
            broken(sent);
        }
    }

    private void broken(int code) {
        ended = draining && (options.strict() || ++failuresAtEnd > MAX_FAILURES_AT_END);
        if (!options.strict()) {
            damage.skipped(decoded, Ffmpeg.message(code));
        } else if (decoded > 0) {
            damage.ends(Ffmpeg.message(code));
            drain();
        }
    }

    /** Lets the decoder give out the frames it still holds. */
    private void drain() {
        if (!draining) {
            draining = true;
            avcodec.avcodec_send_packet(codec, null);
        }
    }

    /**
     * Goes back or forward, to the last frame at or before a time from which decoding can begin.
     *
     * @return whether the file can do that
     */
    public boolean seek(long time) {
        avcodec.avcodec_flush_buffers(codec);
        draining = false;
        ended = false;
        decoded = 0;
        return input.seek(time);
    }

    @Override
    public void close() {
        avutil.av_frame_free(frame);
        avcodec.av_packet_free(packet);
        if (codec != null) {
            avcodec.avcodec_free_context(codec);
        }
        input.close();
    }
}
