package dev.sam2j.video;

import dev.sam2j.predictors.video.VideoException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Decodes the frames of a file one after another, in the order in which they are shown. Decoding ends at the first
 * damage; what is damaged before the first whole frame (a clip cut out of a longer video) is passed over, as players
 * do.
 */
final class VideoDecoder implements AutoCloseable {
    /** Containers of pictures and sound in one file: no playlists, which name other files and servers. */
    private static final String FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,"
            + "gif,mjpeg,h264,hevc,obu,ivf,m4v,dv,mxf,nut";

    private static final int MAX_THREADS = 4;
    private static final double SHORT_SECONDS = 0.5;

    private final Path file;
    private final long maxPixels;
    private final AVFormatContext format = new AVFormatContext(null);
    private AVCodecContext codec;
    private AVPacket packet;
    private AVFrame frame;
    private int stream;
    private boolean draining;
    private boolean ended;
    private long decoded;
    private long packets;
    private double lastSecond;
    private String damage;

    private VideoDecoder(Path file, long maxPixels) {
        this.file = file;
        this.maxPixels = maxPixels;
    }

    /**
     * Opens a file at its first frame.
     *
     * @throws VideoException if it is no video, its frames are too large, or nothing here can decode it
     */
    static VideoDecoder open(Path file, long maxPixels) {
        VideoDecoder decoder = new VideoDecoder(file, maxPixels);
        try {
            decoder.openFormat();
            decoder.openCodec();
            return decoder;
        } catch (RuntimeException | Error e) {
            decoder.close();
            throw e;
        }
    }

    private void openFormat() {
        AVDictionary options = new AVDictionary(null);
        try {
            avutil.av_dict_set(options, "protocol_whitelist", "file", 0);
            avutil.av_dict_set(options, "format_whitelist", FORMATS, 0);
            int opened = avformat.avformat_open_input(format, Ffmpeg.url(file), null, options);
            if (opened < 0) {
                throw new VideoException(file + " cannot be read as a video: " + Ffmpeg.message(opened));
            }
        } finally {
            avutil.av_dict_free(options);
        }
        int found = avformat.avformat_find_stream_info(format, (PointerPointer<?>) null);
        stream = avformat.av_find_best_stream(format, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (PointerPointer<?>) null, 0);
        if (found < 0 || stream < 0) {
            throw new VideoException(
                    file + " cannot be read as a video: " + (found < 0 ? Ffmpeg.message(found) : "no pictures in it"));
        }
    }

    private void openCodec() {
        int id = stream().codecpar().codec_id();
        requireSize(stream().codecpar().width(), stream().codecpar().height());
        AVCodec decoder = avcodec.avcodec_find_decoder(id);
        if (decoder == null || decoder.isNull()) {
            throw new VideoException(file + " cannot be decoded: there is no decoder of "
                    + avcodec.avcodec_get_name(id).getString());
        }
        codec = avcodec.avcodec_alloc_context3(decoder);
        packet = avcodec.av_packet_alloc();
        frame = avutil.av_frame_alloc();
        avcodec.avcodec_parameters_to_context(codec, stream().codecpar());
        codec.pkt_timebase(stream().time_base());
        codec.max_pixels(maxPixels);
        codec.thread_count(Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors()));
        int opened = avcodec.avcodec_open2(codec, decoder, (PointerPointer<?>) null);
        if (opened < 0) {
            throw new VideoException(file + " cannot be decoded: " + Ffmpeg.message(opened));
        }
    }

    private void requireSize(int width, int height) {
        if (width < 1 || height < 1) {
            throw new VideoException(file + " cannot be read as a video: its frames have no size");
        }
        if ((long) width * height > maxPixels) {
            throw new VideoException(
                    file + ": frames of " + width + "x" + height + " pixels, more than the limit of " + maxPixels);
        }
    }

    /** The pictures' stream. */
    AVStream stream() {
        return format.streams(stream);
    }

    /** The frame decoded last; the decoder's own. */
    AVFrame frame() {
        return frame;
    }

    /** When the frame decoded last is shown, in the stream's time base, or {@code AV_NOPTS_VALUE}. */
    long time() {
        return frame.best_effort_timestamp();
    }

    /** Frames per second, as far as the file tells; 0 if it does not. */
    double framesPerSecond() {
        AVRational rate = avformat.av_guess_frame_rate(format, stream(), (AVFrame) null);
        return rate.den() == 0 ? 0 : (double) rate.num() / rate.den();
    }

    /** Why decoding ended before the end of the video, or null if it did not. */
    String damage() {
        return damage;
    }

    /** Decodes the next frame; false at the end and at the first damage. */
    boolean next() {
        while (!ended) {
            int got = avcodec.avcodec_receive_frame(codec, frame);
            if (got >= 0) {
                boolean whole = (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) == 0 && frame.decode_error_flags() == 0;
                if (whole) {
                    decoded++;
                    return true;
                }
                if (decoded > 0) {
                    damaged("the picture is damaged");
                    ended = true;
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

    private void feed() {
        while (true) {
            int read = avformat.av_read_frame(format, packet);
            if (read < 0) {
                if (read != avutil.AVERROR_EOF) {
                    damaged(Ffmpeg.message(read));
                } else {
                    requireEnd();
                }
                drain();
                return;
            }
            boolean ours = packet.stream_index() == stream;
            boolean cut = (packet.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0;
            note(ours);
            int sent = 0;
            boolean send = ours && packet.size() > 0; // an empty packet would mean the end
            if (send && !(cut && decoded > 0)) {
                sent = avcodec.avcodec_send_packet(codec, packet);
            }
            avcodec.av_packet_unref(packet);
            if (send && cut && decoded > 0) {
                damaged("the file ends within the picture or is damaged there");
                drain();
                return;
            }
            if (sent < 0) {
                broken(sent);
                return;
            }
            if (send) {
                return;
            }
        }
    }

    private void note(boolean ours) {
        packets += ours ? 1 : 0;
        if (packet.pts() != avutil.AV_NOPTS_VALUE) {
            AVRational base = format.streams(packet.stream_index()).time_base();
            double end = (packet.pts() + Math.max(0, packet.duration())) * (double) base.num() / base.den();
            lastSecond = Math.max(lastSecond, end);
        }
    }

    /** Notices that the file ended before what its beginning promises: its index of frames, or its duration. */
    private void requireEnd() {
        long expected = avformat.avformat_index_get_entries_count(stream());
        String kind = format.iformat().name().getString();
        if (kind.startsWith("avi")) {
            expected = stream().nb_frames();
        }
        boolean indexed = kind.startsWith("mov") || kind.startsWith("avi");
        if (indexed && packets < expected) {
            damaged("the file ends here, but should have " + expected + " pictures");
        } else if (!indexed && format.duration_estimation_method() == avformat.AVFMT_DURATION_FROM_STREAM) {
            double start = format.start_time() == avutil.AV_NOPTS_VALUE ? 0 : format.start_time();
            double seconds = (start + format.duration()) / avutil.AV_TIME_BASE;
            if (format.duration() > 0 && lastSecond < seconds - SHORT_SECONDS) {
                damaged(String.format(
                        java.util.Locale.ROOT, "the file ends here, after %.1f of %.1f seconds", lastSecond, seconds));
            }
        }
    }

    /** Something cannot be decoded: that ends the video, unless nothing has been decoded yet. */
    private void broken(int code) {
        if (draining) {
            ended = true;
        }
        if (decoded > 0) {
            damaged(Ffmpeg.message(code));
            drain();
        }
    }

    private void damaged(String reason) {
        if (damage == null) {
            damage = reason;
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
    boolean seek(long time) {
        avcodec.avcodec_flush_buffers(codec);
        draining = false;
        ended = false;
        decoded = 0;
        damage = null;
        return avformat.av_seek_frame(format, stream, time, avformat.AVSEEK_FLAG_BACKWARD) >= 0;
    }

    @Override
    public void close() {
        if (frame != null) {
            avutil.av_frame_free(frame);
        }
        if (packet != null) {
            avcodec.av_packet_free(packet);
        }
        if (codec != null) {
            avcodec.avcodec_free_context(codec);
        }
        if (!format.isNull()) {
            avformat.avformat_close_input(format);
        }
    }
}
