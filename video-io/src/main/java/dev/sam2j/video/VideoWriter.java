package dev.sam2j.video;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.common.io.HiddenName;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.video.ffmpeg.Ffmpeg;
import dev.sam2j.video.ffmpeg.VideoEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;

/**
 * Writes pictures of one size as an mp4 file: H.264 (4:2:0, BT.709) where FFmpeg's library brings an encoder, else
 * MPEG-4. Odd sizes get a copy of their last column or row; sizes that no encoder takes are scaled, see
 * {@link #width()}. The file appears when {@link #close} has completed it.
 *
 * <p>One thread at a time uses it: a second one, and use after {@link #close()}, get an {@link IllegalStateException}.
 */
public final class VideoWriter implements AutoCloseable {
    /** Longest time to show one picture, in seconds. */
    public static final double MAX_SECONDS = 3600;

    /** Most pictures in a second. */
    public static final double MAX_RATE = 90_000;

    private static final int TICKS_PER_SECOND = 90_000;
    private static final int ONE = 1 << 16;

    private final Path file;
    private final HiddenName hidden;
    private final Path temporary;
    private final int width;
    private final int height;
    private final double pictureSeconds;
    private final Lifecycle lifecycle;
    private final AVFormatContext format = new AVFormatContext(null);
    private final Deque<Shown> shown = new ArrayDeque<>();
    private AVStream stream;
    private VideoEncoder encoder;
    private AVFrame rgb;
    private AVFrame yuv;
    private AVPacket packet;
    private SwsContext scaler;
    private long frames;
    private double seconds;
    private long end;
    private long declared = Long.MAX_VALUE / 2;
    private long decodedAt = -1;
    private boolean failed;

    /** When a picture that the encoder still holds is shown, in ticks. */
    private record Shown(long frame, long from, long to) {}

    private VideoWriter(Path file, int width, int height, double framesPerSecond) {
        this.file = file;
        this.hidden = hidden(file);
        this.temporary = hidden.path(".tmp");
        this.width = width;
        this.height = height;
        this.pictureSeconds = 1 / framesPerSecond;
        this.lifecycle = Lifecycle.exclusive("the video writer of " + file, null);
    }

    private static HiddenName hidden(Path file) {
        try {
            return AtomicFiles.hidden(file);
        } catch (IOException e) {
            throw new VideoException(e.getMessage(), e);
        }
    }

    /**
     * Begins a file.
     *
     * @param framesPerSecond from 1 / {@link #MAX_SECONDS} to {@link #MAX_RATE}; where pictures are added with
     *     times of their own, about how many they are
     * @throws IllegalArgumentException if the size or the rate is out of range
     * @throws VideoException if the file cannot be made, or FFmpeg's library for this machine is not on the class path
     */
    public static VideoWriter create(Path file, int width, int height, double framesPerSecond) {
        if (width < 1 || height < 1 || (long) width * height > VideoFile.MAX_PIXELS) {
            throw new IllegalArgumentException("video: frames of " + width + "x" + height + " cannot be written");
        }
        if (!(framesPerSecond >= 1 / MAX_SECONDS && framesPerSecond <= MAX_RATE)) {
            throw new IllegalArgumentException("video: expected one frame in " + MAX_SECONDS + " seconds to " + MAX_RATE
                    + " frames per second, got " + framesPerSecond);
        }
        Ffmpeg.require();
        VideoWriter writer = new VideoWriter(file, width, height, framesPerSecond);
        try {
            writer.open(framesPerSecond);
            return writer;
        } catch (RuntimeException | Error e) {
            writer.failed = true;
            writer.close();
            throw e;
        }
    }

    private void open(double framesPerSecond) {
        check(avformat.avformat_alloc_output_context2(format, null, "mp4", temporary.toString()));
        encoder = VideoEncoder.open(file, width, height, framesPerSecond);
        stream = avformat.avformat_new_stream(format, null);
        try (AVRational tick = new AVRational().num(1).den(TICKS_PER_SECOND)) {
            stream.time_base(tick);
        }
        check(avcodec.avcodec_parameters_from_context(stream.codecpar(), encoder.codec()));
        AVIOContext io = new AVIOContext(null);
        try (BytePointer url = Ffmpeg.url(temporary)) {
            check(avformat.avio_open(io, url, avformat.AVIO_FLAG_WRITE));
        }
        format.pb(io);
        check(avformat.avformat_write_header(format, (AVDictionary) null));
        packet = avcodec.av_packet_alloc();
        rgb = frame(avutil.AV_PIX_FMT_RGB24, VideoEncoder.even(width), VideoEncoder.even(height));
        yuv = frame(avutil.AV_PIX_FMT_YUV420P, encoder.width(), encoder.height());
        openScaler();
    }

    private AVFrame frame(int pixelFormat, int frameWidth, int frameHeight) {
        AVFrame frame = avutil.av_frame_alloc();
        frame.format(pixelFormat);
        frame.width(frameWidth);
        frame.height(frameHeight);
        int got = avutil.av_frame_get_buffer(frame, 0);
        if (got < 0) {
            avutil.av_frame_free(frame);
        }
        check(got);
        return frame;
    }

    private void openScaler() {
        scaler = swscale.sws_getContext(
                rgb.width(),
                rgb.height(),
                avutil.AV_PIX_FMT_RGB24,
                yuv.width(),
                yuv.height(),
                avutil.AV_PIX_FMT_YUV420P,
                swscale.SWS_BICUBIC | swscale.SWS_ACCURATE_RND,
                null,
                null,
                (DoublePointer) null);
        if (scaler == null || scaler.isNull()) {
            scaler = null;
            check(avutil.AVERROR_EINVAL());
        }
        swscale.sws_setColorspaceDetails(
                scaler,
                swscale.sws_getCoefficients(swscale.SWS_CS_DEFAULT),
                1,
                swscale.sws_getCoefficients(swscale.SWS_CS_ITU709),
                0,
                0,
                ONE,
                ONE);
    }

    /**
     * Width of the frames as they are written: that of the pictures made even, more where no encoder takes so few
     * pixels, less where none takes so many.
     */
    public int width() {
        return encoder.width();
    }

    /** Height of the frames as they are written. */
    public int height() {
        return encoder.height();
    }

    /**
     * Appends a picture, shown as long as the rate says.
     *
     * @throws IllegalArgumentException if it has another size
     * @throws IllegalStateException if this has been closed, another thread is using it, or an earlier picture could
     *     not be written
     * @throws VideoException if it cannot be written
     */
    public void add(Picture picture) {
        add(picture, pictureSeconds);
    }

    /**
     * Appends a picture.
     *
     * @param duration how long it is shown, above 0 and up to {@link #MAX_SECONDS}; at least one of 90000 parts of a
     *     second
     * @throws IllegalArgumentException if it has another size, or the duration is out of range
     * @throws IllegalStateException if this has been closed, another thread is using it, or an earlier picture could
     *     not be written
     * @throws VideoException if it cannot be written
     */
    public void add(Picture picture, double duration) {
        try (Lifecycle.Use use = lifecycle.use()) {
            if (failed) {
                throw new IllegalStateException("video writer of " + file + ": writing has failed already");
            }
            if (picture.width() != width || picture.height() != height) {
                throw new IllegalArgumentException("video: a picture of " + picture.width() + "x" + picture.height()
                        + " does not fit frames of " + width + "x" + height);
            }
            if (!(duration > 0 && duration <= MAX_SECONDS)) {
                throw new IllegalArgumentException(
                        "video: expected above 0 and at most " + MAX_SECONDS + " seconds, got " + duration);
            }
            seconds += duration;
            long from = end;
            end = Math.max(from + 1, Math.round(seconds * TICKS_PER_SECOND));
            shown.add(new Shown(frames, from, end));
            convert(picture);
            yuv.pts(frames++);
            check(avcodec.avcodec_send_frame(encoder.codec(), yuv));
            writePackets();
        }
    }

    /**
     * Declares how long the video lasts where that is less than its pictures add up to, as it is in files whose last
     * pictures were stored out of order. The pictures keep their times.
     *
     * @param duration above 0, in seconds
     */
    public void declareDuration(double duration) {
        try (Lifecycle.Use use = lifecycle.use()) {
            declared = Math.max(1, Math.round(duration * TICKS_PER_SECOND));
        }
    }

    private void convert(Picture picture) {
        byte[] row = new byte[3 * VideoEncoder.even(width)];
        for (int y = 0; y < VideoEncoder.even(height); y++) {
            System.arraycopy(picture.rgb(), 3 * width * Math.min(y, height - 1), row, 0, 3 * width);
            if (width != VideoEncoder.even(width)) {
                System.arraycopy(row, 3 * (width - 1), row, 3 * width, 3);
            }
            rgb.data(0).position((long) y * rgb.linesize(0)).put(row, 0, row.length);
        }
        check(avutil.av_frame_make_writable(yuv));
        check(swscale.sws_scale(
                scaler, rgb.data(), rgb.linesize(), 0, VideoEncoder.even(height), yuv.data(), yuv.linesize()));
    }

    private void writePackets() {
        while (true) {
            int got = avcodec.avcodec_receive_packet(encoder.codec(), packet);
            if (got == avutil.AVERROR_EAGAIN() || got == avutil.AVERROR_EOF) {
                return;
            }
            check(got);
            Shown when = shown.remove();
            while (when.frame() < packet.pts()) {
                when = shown.remove(); // left out by the encoder
            }
            // The duration of an mp4 track is the sum of its times of decoding.
            decodedAt = Math.max(decodedAt + 1, Math.min(when.from(), decodedAt + (declared - decodedAt) / 2));
            packet.pts(when.from());
            packet.dts(decodedAt);
            packet.duration(Math.max(1, Math.min(when.to(), declared) - decodedAt));
            try (AVRational tick = new AVRational().num(1).den(TICKS_PER_SECOND)) {
                avcodec.av_packet_rescale_ts(packet, tick, stream.time_base());
            }
            packet.stream_index(0);
            check(avformat.av_interleaved_write_frame(format, packet));
        }
    }

    private void check(int code) {
        if (code < 0) {
            failed = true;
            throw new VideoException(file + " cannot be written: " + Ffmpeg.message(code));
        }
    }

    /**
     * Completes the file and puts it in place of one that may be there; without pictures, or after a failure, there is
     * none. Once is enough.
     *
     * @throws VideoException if it cannot be completed
     * @throws IllegalStateException if another thread is using this
     */
    @Override
    public void close() {
        if (lifecycle.close()) {
            complete();
        }
    }

    private void complete() {
        boolean whole = !failed && frames > 0;
        try {
            if (whole) {
                check(avcodec.avcodec_send_frame(encoder.codec(), null));
                writePackets();
                check(avformat.av_write_trailer(format));
                AVIOContext io = format.pb();
                format.pb(null);
                check(avformat.avio_closep(io)); // what was still to be written may not fit on the disk
            }
        } finally {
            whole &= !failed;
            free();
            place(whole);
        }
    }

    private void place(boolean whole) {
        try (hidden) {
            if (whole) {
                AtomicFiles.put(temporary, file);
            }
        } catch (IOException e) {
            throw new VideoException(e.getMessage(), e);
        } finally {
            temporary.toFile().delete(); // nothing there if it has been moved
        }
    }

    private void free() {
        swscale.sws_freeContext(scaler);
        avutil.av_frame_free(rgb);
        avutil.av_frame_free(yuv);
        avcodec.av_packet_free(packet);
        if (encoder != null) {
            encoder.close();
        }
        if (!format.isNull()) {
            if (format.pb() != null) {
                avformat.avio_closep(format.pb());
            }
            avformat.avformat_free_context(format);
        }
    }
}
