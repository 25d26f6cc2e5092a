package dev.sam2j.video.ffmpeg;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.pixels.Orientation;
import dev.sam2j.predictors.video.VideoException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;

/** Turns decoded frames, whatever their pixel format, into RGB pictures of the same size. */
public final class RgbFrames implements AutoCloseable {
    private static final int EXACT = swscale.SWS_ACCURATE_RND | swscale.SWS_FULL_CHR_H_INT;
    private static final int ONE = 1 << 16;

    private final int flags;
    private SwsContext context;
    private AVFrame rgb;

    /** For frames of videos. */
    public RgbFrames() {
        this(swscale.SWS_BICUBIC);
    }

    /**
     * For frames of other kinds.
     *
     * @param filter FFmpeg's name of how frames are scaled, and the planes of colour, which are often smaller
     */
    public RgbFrames(int filter) {
        this.flags = filter | EXACT;
    }

    /**
     * The frame as a picture of a given size, turned upright.
     *
     * @throws VideoException if its pixels are of a kind that cannot be converted
     */
    public Picture convert(String name, AVFrame frame, int width, int height, Orientation orientation) {
        return orientation.apply(Picture.owning(samples(name, frame, width, height), width, height));
    }

    /** The frame's interleaved RGB samples, scaled to a size if it has another; the size is always the same. */
    public byte[] samples(String name, AVFrame frame, int width, int height) {
        if (rgb == null) {
            allocate(width, height);
        }
        context = swscale.sws_getCachedContext(
                context,
                frame.width(),
                frame.height(),
                frame.format(),
                width,
                height,
                avutil.AV_PIX_FMT_RGB24,
                flags,
                null,
                null,
                (DoublePointer) null);
        if (context == null || context.isNull()) {
            context = null;
            BytePointer kind = avutil.av_get_pix_fmt_name(frame.format());
            throw new VideoException(name + " cannot be read: its pixels ("
                    + (kind == null ? "of an unknown kind" : kind.getString()) + ") cannot be converted to RGB");
        }
        int full = frame.color_range() == avutil.AVCOL_RANGE_JPEG ? 1 : 0;
        swscale.sws_setColorspaceDetails(
                context,
                swscale.sws_getCoefficients(frame.colorspace()),
                full,
                swscale.sws_getCoefficients(swscale.SWS_CS_DEFAULT),
                1,
                0,
                ONE,
                ONE);
        swscale.sws_scale(context, frame.data(), frame.linesize(), 0, frame.height(), rgb.data(), rgb.linesize());
        byte[] samples = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            rgb.data(0).position((long) y * rgb.linesize(0)).get(samples, 3 * y * width, 3 * width);
        }
        return samples;
    }

    /** A picture as an image of the kind that is converted back fastest. */
    public static BufferedImage image(Picture picture) {
        byte[] rgb = picture.rgb();
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_3BYTE_BGR);
        byte[] bgr = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < rgb.length; i += 3) {
            bgr[i] = rgb[i + 2];
            bgr[i + 1] = rgb[i + 1];
            bgr[i + 2] = rgb[i];
        }
        return image;
    }

    private void allocate(int width, int height) {
        rgb = avutil.av_frame_alloc();
        rgb.width(width);
        rgb.height(height);
        rgb.format(avutil.AV_PIX_FMT_RGB24);
        if (avutil.av_frame_get_buffer(rgb, 0) < 0) {
            avutil.av_frame_free(rgb);
            rgb = null;
            throw new OutOfMemoryError("a frame of " + width + "x" + height);
        }
    }

    @Override
    public void close() {
        avutil.av_frame_free(rgb);
        swscale.sws_freeContext(context);
    }
}
