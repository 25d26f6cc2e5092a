package dev.sam2j.video.still;

import dev.sam2j.video.ffmpeg.Ffmpeg;
import java.io.IOException;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;

/** FFmpeg's decoder for a packet that is a picture of its own. */
final class StillDecoder implements AutoCloseable {
    private final AVCodecContext codec;
    private final AVFrame frame = avutil.av_frame_alloc();

    /**
     * Opens a decoder.
     *
     * @param parameters what the file says of the picture
     * @param width of the picture at most, as far as is known
     * @param height the same of its height
     */
    StillDecoder(AVCodecParameters parameters, int width, int height) throws IOException {
        AVCodec decoder = avcodec.avcodec_find_decoder(parameters.codec_id());
        if (decoder == null || decoder.isNull()) {
            throw new IOException("there is no decoder of "
                    + avcodec.avcodec_get_name(parameters.codec_id()).getString());
        }
        codec = avcodec.avcodec_alloc_context3(decoder);
        try {
            Ffmpeg.check(avcodec.avcodec_parameters_to_context(codec, parameters));
            codec.max_pixels(4L * width * height + (1 << 16));
            codec.thread_count(1);
            Ffmpeg.check(avcodec.avcodec_open2(codec, decoder, (PointerPointer<?>) null));
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** The only picture of a packet, valid until this is closed. */
    AVFrame decode(AVPacket packet) throws IOException {
        Ffmpeg.check(avcodec.avcodec_send_packet(codec, packet));
        Ffmpeg.check(avcodec.avcodec_send_packet(codec, null));
        Ffmpeg.check(avcodec.avcodec_receive_frame(codec, frame));
        if ((frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0 || frame.decode_error_flags() != 0) {
            throw new IOException("its pixels are damaged");
        }
        return frame;
    }

    @Override
    public void close() {
        avutil.av_frame_free(frame);
        avcodec.avcodec_free_context(codec);
    }
}
