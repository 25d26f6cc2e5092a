package dev.sam2j.video.ffmpeg;

import dev.sam2j.predictors.video.VideoException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;

/** The best encoder that takes frames of a size, or of the nearest size that it takes. Packets come in order. */
public final class VideoEncoder implements AutoCloseable {
    private static final String[] ENCODERS = {"libx264", "libopenh264", "mpeg4"};
    private static final int LEAST_SIDE = 16;
    private static final double BITS_PER_PIXEL = 0.2;
    private static final int RATE_UNITS = 1000;

    /** Encoders spend bits by the rate and take no unusual ones; when a frame is shown is not their matter. */
    private static final double MAX_RATE = 60;

    private static final int SECONDS_BETWEEN_KEYS = 2;

    private final Size size;
    private final AVCodecContext codec;

    private record Size(int width, int height) {}

    private VideoEncoder(AVCodecContext codec, Size size) {
        this.codec = codec;
        this.size = size;
    }

    /**
     * Opens an encoder.
     *
     * @throws VideoException if none takes frames that are at all like these
     */
    public static VideoEncoder open(Path file, int width, int height, double framesPerSecond) {
        int rate = (int) Math.round(Math.min(MAX_RATE, Math.max(1, framesPerSecond)) * RATE_UNITS);
        int failure = avutil.AVERROR_ENCODER_NOT_FOUND;
        for (String name : ENCODERS) {
            AVCodec encoder = avcodec.avcodec_find_encoder_by_name(name);
            if (encoder == null || encoder.isNull()) {
                continue;
            }
            for (Size size : sizes(width, height)) {
                AVCodecContext codec = context(encoder, size, rate);
                failure = avcodec.avcodec_open2(codec, encoder, (PointerPointer<?>) null);
                if (failure >= 0) {
                    return new VideoEncoder(codec, size);
                }
                avcodec.avcodec_free_context(codec);
            }
        }
        throw new VideoException(file + " cannot be written: no encoder takes frames of " + width + "x" + height + " ("
                + Ffmpeg.message(failure) + ")");
    }

    /** The frames' size, first enlarged to what encoders take, then halved again and again. */
    private static Set<Size> sizes(int width, int height) {
        Set<Size> sizes = new LinkedHashSet<>();
        int enlarged = (LEAST_SIDE - 1) / even(Math.min(width, height)) + 1;
        sizes.add(size(width, height, enlarged));
        for (double scale = 1; Math.max(width, height) * scale >= LEAST_SIDE; scale /= 2) {
            sizes.add(size(width, height, scale));
        }
        return sizes;
    }

    /** A number of columns or rows that halved colours allow. */
    public static int even(int side) {
        return side + (side & 1);
    }

    private static Size size(int width, int height, double scale) {
        return new Size(side(width, scale), side(height, scale));
    }

    private static int side(int side, double scale) {
        return Math.max(LEAST_SIDE, even((int) Math.min(1 << 20, Math.round(side * scale))));
    }

    private static AVCodecContext context(AVCodec encoder, Size size, int rate) {
        AVCodecContext codec = avcodec.avcodec_alloc_context3(encoder);
        codec.width(size.width());
        codec.height(size.height());
        codec.pix_fmt(avutil.AV_PIX_FMT_YUV420P);
        try (AVRational base = new AVRational().num(RATE_UNITS).den(rate);
                AVRational frequency = new AVRational().num(rate).den(RATE_UNITS)) {
            codec.time_base(base);
            codec.framerate(frequency);
        }
        double second = (double) rate / RATE_UNITS;
        codec.bit_rate(Math.max(400_000, (long) (BITS_PER_PIXEL * size.width() * size.height() * second)));
        codec.gop_size(Math.max(1, (int) Math.round(SECONDS_BETWEEN_KEYS * second)));
        codec.max_b_frames(0);
        codec.colorspace(avutil.AVCOL_SPC_BT709);
        codec.color_primaries(avutil.AVCOL_PRI_BT709);
        codec.color_trc(avutil.AVCOL_TRC_BT709);
        codec.color_range(avutil.AVCOL_RANGE_MPEG);
        codec.flags(codec.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER);
        return codec;
    }

    /** FFmpeg's own. */
    public AVCodecContext codec() {
        return codec;
    }

    /** Width of the frames that it takes. */
    public int width() {
        return size.width();
    }

    /** Height of the frames that it takes. */
    public int height() {
        return size.height();
    }

    @Override
    public void close() {
        avcodec.avcodec_free_context(codec);
    }
}
