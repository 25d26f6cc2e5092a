package dev.sam2j.video;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.video.VideoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ThreadLocalRandom;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
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
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Writes pictures of one size as an mp4 file: H.264 (4:2:0, BT.709) where FFmpeg's library brings an encoder, else
 * MPEG-4. Odd sizes get a copy of their last column or row. The file appears when {@link #close} has completed it.
 */
public final class VideoWriter implements AutoCloseable {
    private static final String[] ENCODERS = {"libx264", "libopenh264", "mpeg4"};
    private static final double BITS_PER_PIXEL = 0.2;
    private static final int RATE_UNITS = 1000;
    private static final double MAX_RATE = 1000;
    private static final int SECONDS_BETWEEN_KEYS = 2;
    private static final int ONE = 1 << 16;

    private final Path file;
    private final Path temporary;
    private final int width;
    private final int height;
    private final AVFormatContext format = new AVFormatContext(null);
    private AVStream stream;
    private AVCodecContext codec;
    private AVFrame rgb;
    private AVFrame yuv;
    private AVPacket packet;
    private SwsContext scaler;
    private long frames;
    private boolean failed;

    private VideoWriter(Path file, int width, int height) {
        Path absolute = file.toAbsolutePath();
        this.file = file;
        this.temporary = absolute.resolveSibling("." + absolute.getFileName() + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp");
        this.width = width;
        this.height = height;
    }

    /**
     * Begins a file.
     *
     * @param framesPerSecond above 0, at most 1000
     * @throws IllegalArgumentException if the size or the rate is out of range
     * @throws VideoException if the file cannot be made, or FFmpeg's library for this machine is not on the class path
     */
    public static VideoWriter create(Path file, int width, int height, double framesPerSecond) {
        if (width < 1 || height < 1 || (long) width * height > VideoFile.MAX_PIXELS) {
            throw new IllegalArgumentException("video: frames of " + width + "x" + height + " cannot be written");
        }
        if (!(framesPerSecond > 0) || framesPerSecond > MAX_RATE) {
            throw new IllegalArgumentException(
                    "video: expected above 0 and at most 1000 frames per second, got " + framesPerSecond);
        }
        Ffmpeg.require();
        VideoWriter writer = new VideoWriter(file, width, height);
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
        openCodec(Math.max(1, (int) Math.round(framesPerSecond * RATE_UNITS)));
        stream = avformat.avformat_new_stream(format, null);
        stream.time_base(codec.time_base());
        check(avcodec.avcodec_parameters_from_context(stream.codecpar(), codec));
        AVIOContext io = new AVIOContext(null);
        check(avformat.avio_open(io, Ffmpeg.url(temporary), avformat.AVIO_FLAG_WRITE));
        format.pb(io);
        check(avformat.avformat_write_header(format, (AVDictionary) null));
        packet = avcodec.av_packet_alloc();
        rgb = frame(avutil.AV_PIX_FMT_RGB24);
        yuv = frame(avutil.AV_PIX_FMT_YUV420P);
        openScaler();
    }

    private void openCodec(int rate) {
        int opened = 0;
        for (String name : ENCODERS) {
            AVCodec encoder = avcodec.avcodec_find_encoder_by_name(name);
            if (encoder == null || encoder.isNull()) {
                continue;
            }
            codec = avcodec.avcodec_alloc_context3(encoder);
            codec.width(even(width));
            codec.height(even(height));
            codec.pix_fmt(avutil.AV_PIX_FMT_YUV420P);
            try (AVRational base = new AVRational().num(RATE_UNITS).den(rate);
                    AVRational frequency = new AVRational().num(rate).den(RATE_UNITS)) {
                codec.time_base(base);
                codec.framerate(frequency);
            }
            double second = (double) rate / RATE_UNITS;
            codec.bit_rate(Math.max(400_000, (long) (BITS_PER_PIXEL * even(width) * even(height) * second)));
            codec.gop_size(Math.max(1, (int) Math.round(SECONDS_BETWEEN_KEYS * second)));
            codec.max_b_frames(0);
            codec.colorspace(avutil.AVCOL_SPC_BT709);
            codec.color_primaries(avutil.AVCOL_PRI_BT709);
            codec.color_trc(avutil.AVCOL_TRC_BT709);
            codec.color_range(avutil.AVCOL_RANGE_MPEG);
            codec.flags(codec.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER);
            opened = avcodec.avcodec_open2(codec, encoder, (PointerPointer<?>) null);
            if (opened >= 0) {
                return;
            }
            avcodec.avcodec_free_context(codec);
            codec = null;
        }
        check(opened < 0 ? opened : avutil.AVERROR_EXIT);
    }

    private AVFrame frame(int pixelFormat) {
        AVFrame made = avutil.av_frame_alloc();
        made.width(even(width));
        made.height(even(height));
        made.format(pixelFormat);
        check(avutil.av_frame_get_buffer(made, 0));
        return made;
    }

    private void openScaler() {
        int w = even(width);
        int h = even(height);
        scaler = swscale.sws_getContext(
                w,
                h,
                avutil.AV_PIX_FMT_RGB24,
                w,
                h,
                avutil.AV_PIX_FMT_YUV420P,
                swscale.SWS_BICUBIC | swscale.SWS_ACCURATE_RND,
                null,
                null,
                (DoublePointer) null);
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

    private static int even(int side) {
        return side + (side & 1);
    }

    /**
     * Appends a picture.
     *
     * @throws IllegalArgumentException if it has another size
     * @throws VideoException if it cannot be written
     */
    public void add(Picture picture) {
        if (picture.width() != width || picture.height() != height) {
            throw new IllegalArgumentException("video: a picture of " + picture.width() + "x" + picture.height()
                    + " does not fit frames of " + width + "x" + height);
        }
        byte[] row = new byte[3 * even(width)];
        for (int y = 0; y < even(height); y++) {
            System.arraycopy(picture.rgb(), 3 * width * Math.min(y, height - 1), row, 0, 3 * width);
            if (width != even(width)) {
                System.arraycopy(row, 3 * (width - 1), row, 3 * width, 3);
            }
            rgb.data(0).position((long) y * rgb.linesize(0)).put(row, 0, row.length);
        }
        check(avutil.av_frame_make_writable(yuv));
        swscale.sws_scale(scaler, rgb.data(), rgb.linesize(), 0, even(height), yuv.data(), yuv.linesize());
        yuv.pts(frames++);
        check(avcodec.avcodec_send_frame(codec, yuv));
        writePackets();
    }

    private void writePackets() {
        while (true) {
            int got = avcodec.avcodec_receive_packet(codec, packet);
            if (got == avutil.AVERROR_EAGAIN() || got == avutil.AVERROR_EOF) {
                return;
            }
            check(got);
            packet.duration(1);
            avcodec.av_packet_rescale_ts(packet, codec.time_base(), stream.time_base());
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
     * none.
     *
     * @throws VideoException if it cannot be completed
     */
    @Override
    public void close() {
        boolean whole = !failed && frames > 0;
        try {
            if (whole) {
                check(avcodec.avcodec_send_frame(codec, null));
                writePackets();
                check(avformat.av_write_trailer(format));
            }
        } finally {
            whole &= !failed;
            free();
            place(whole);
        }
    }

    private void place(boolean whole) {
        try {
            if (whole) {
                Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new VideoException(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    private void free() {
        if (scaler != null) {
            swscale.sws_freeContext(scaler);
        }
        for (AVFrame frame : new AVFrame[] {rgb, yuv}) {
            if (frame != null) {
                avutil.av_frame_free(frame);
            }
        }
        if (packet != null) {
            avcodec.av_packet_free(packet);
        }
        if (codec != null) {
            avcodec.avcodec_free_context(codec);
        }
        if (!format.isNull()) {
            if (format.pb() != null && !format.pb().isNull()) {
                avformat.avio_closep(format.pb());
            }
            avformat.avformat_free_context(format);
        }
        scaler = null;
        rgb = null;
        yuv = null;
        packet = null;
        codec = null;
        format.setNull();
    }
}
