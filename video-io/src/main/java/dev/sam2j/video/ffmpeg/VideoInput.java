package dev.sam2j.video.ffmpeg;

import dev.sam2j.predictors.video.VideoException;
import java.nio.file.Path;
import java.util.Locale;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** The packets of a file's pictures, one after another. */
public final class VideoInput implements AutoCloseable {
    /** Containers of pictures and sound in one file: no playlists, which name other files and servers. */
    private static final String FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,"
            + "gif,apng,mjpeg,jpeg_pipe,h264,hevc,obu,ivf,m4v,dv,mxf,nut";

    private static final double SHORT_SECONDS = 0.5;

    private final Path file;
    private final AVFormatContext format = new AVFormatContext(null);
    private int stream;
    private long packets;
    private double lastSecond;

    private VideoInput(Path file) {
        this.file = file;
    }

    /**
     * Opens a file at its first packet.
     *
     * @throws VideoException if there is no video in it
     */
    static VideoInput open(Path file) {
        VideoInput input = new VideoInput(file);
        try {
            input.openFormat();
            input.chooseStream();
            return input;
        } catch (RuntimeException | Error e) {
            input.close();
            throw e;
        }
    }

    private void openFormat() {
        MovClaims.check(file);
        AVDictionary options = new AVDictionary(null);
        try (BytePointer url = Ffmpeg.url(file)) {
            avutil.av_dict_set(options, "protocol_whitelist", "file", 0);
            avutil.av_dict_set(options, "format_whitelist", FORMATS, 0);
            int opened = avformat.avformat_open_input(format, url, null, options);
            if (opened < 0) {
                throw new VideoException(FileKind.unreadable(file, opened));
            }
        } finally {
            avutil.av_dict_free(options);
        }
        int found = avformat.avformat_find_stream_info(format, (PointerPointer<?>) null);
        if (found < 0) {
            throw new VideoException(FileKind.unreadable(file, found));
        }
    }

    /** Takes the best stream of pictures that is not the cover of a piece of music. */
    private void chooseStream() {
        stream = avformat.av_find_best_stream(format, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
        if (stream >= 0 && isCover(stream)) {
            int cover = stream;
            for (stream = format.nb_streams() - 1; stream >= 0; stream--) {
                if (isPictures(stream) && !isCover(stream)) {
                    return;
                }
            }
            throw new VideoException(
                    file + " is no video: its only picture is the cover of a sound file (stream " + cover + ")");
        }
        if (stream < 0) {
            boolean sound =
                    avformat.av_find_best_stream(format, avutil.AVMEDIA_TYPE_AUDIO, -1, -1, (AVCodec) null, 0) >= 0;
            throw new VideoException(file + " is no video: there " + (sound ? "is sound in it, but" : "are") + " no "
                    + "pictures" + (sound ? "" : " in it"));
        }
    }

    private boolean isPictures(int index) {
        return format.streams(index).codecpar().codec_type() == avutil.AVMEDIA_TYPE_VIDEO;
    }

    private boolean isCover(int index) {
        return (format.streams(index).disposition() & avformat.AV_DISPOSITION_ATTACHED_PIC) != 0;
    }

    /** The pictures' stream. */
    public AVStream stream() {
        return format.streams(stream);
    }

    /** Frames per second, as far as the file tells; 0 if it does not. */
    public double framesPerSecond() {
        AVRational rate = avformat.av_guess_frame_rate(format, stream(), (AVFrame) null);
        return rate.den() == 0 ? 0 : (double) rate.num() / rate.den();
    }

    /** When the file begins, in the pictures' time base. */
    public long start() {
        AVRational base = stream().time_base();
        return format.start_time() == avutil.AV_NOPTS_VALUE
                ? 0
                : Math.round(format.start_time() / (double) avutil.AV_TIME_BASE * base.den() / base.num());
    }

    /** When the pictures end as the file says, in their time base; 0 if it does not say so. */
    public long declaredEnd() {
        AVStream pictures = stream();
        boolean known = pictures.start_time() != avutil.AV_NOPTS_VALUE && pictures.duration() > 0;
        return known ? pictures.start_time() + pictures.duration() : 0;
    }

    /** Reads the next packet of the pictures that is not empty; returns an error code, 0 if there is one. */
    int read(AVPacket packet) {
        while (true) {
            int read = avformat.av_read_frame(format, packet);
            if (read < 0) {
                return read;
            }
            boolean ours = packet.stream_index() == stream;
            note(packet, ours);
            if (ours && packet.size() > 0) { // AVI files repeat a picture with an empty chunk
                return 0;
            }
            avcodec.av_packet_unref(packet);
        }
    }

    private void note(AVPacket packet, boolean ours) {
        packets += ours ? 1 : 0;
        if (packet.pts() != avutil.AV_NOPTS_VALUE) {
            AVRational base = format.streams(packet.stream_index()).time_base();
            double end = (packet.pts() + Math.max(0, packet.duration())) * (double) base.num() / base.den();
            lastSecond = Math.max(lastSecond, end);
        }
    }

    /** At the end: why it comes before what the file's beginning promises, or null if it does not. */
    String missingEnd() {
        String missing = FileEnd.missing(file);
        if (missing != null) {
            return missing;
        }
        String kind = format.iformat().name().getString();
        long expected = avformat.avformat_index_get_entries_count(stream());
        if (kind.startsWith("mov")) {
            return packets >= expected ? null : "the file ends here, but should have " + expected + " pictures";
        }
        if (kind.startsWith("avi") || format.duration_estimation_method() != avformat.AVFMT_DURATION_FROM_STREAM) {
            return null;
        }
        double start = format.start_time() == avutil.AV_NOPTS_VALUE ? 0 : format.start_time();
        double seconds = (start + format.duration()) / avutil.AV_TIME_BASE;
        return format.duration() > 0 && lastSecond < seconds - SHORT_SECONDS
                ? String.format(Locale.ROOT, "the file ends here, after %.1f of %.1f seconds", lastSecond, seconds)
                : null;
    }

    /** Goes to the last packet at or before a time from which decoding can begin; false if the file cannot do that. */
    boolean seek(long time) {
        // Without stored times FFmpeg counts packets, and miscounts after it has jumped over some.
        boolean timed = (format.iformat().flags() & avformat.AVFMT_NOTIMESTAMPS) == 0
                && !format.iformat().name().getString().endsWith("_pipe");
        return timed && avformat.av_seek_frame(format, stream, time, avformat.AVSEEK_FLAG_BACKWARD) >= 0;
    }

    @Override
    public void close() {
        avformat.avformat_close_input(format);
    }
}
