package dev.sam2j.video.still;

import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.files.PictureDecoder;
import dev.sam2j.predictors.image.pixels.Orientation;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.video.ffmpeg.Ffmpeg;
import dev.sam2j.video.ffmpeg.RgbFrames;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;

/**
 * JPEG 2000 pictures, as JP2 files and bare codestreams, by way of FFmpeg. For {@link java.util.ServiceLoader}. The
 * layout of the headers is that of ISO/IEC 15444-1, annexes A and I.
 */
public final class Jpeg2000Decoder implements PictureDecoder {
    private static final int SIGNATURE_BOX = 0x6A502020; // jP
    private static final int CODESTREAM_BOX = 0x6A703263; // jp2c
    private static final int CODESTREAM_START = 0xFF4FFF51; // SOC, SIZ
    private static final int END = 0xFFD9;

    /** Tiles times components: each costs tables before a byte of it is read. */
    private static final long MAX_TILE_PARTS = 1 << 14;

    /** Has no state. */
    public Jpeg2000Decoder() {}

    @Override
    public boolean accepts(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        return file.length >= 12 && (bytes.getInt(0) == CODESTREAM_START || bytes.getInt(4) == SIGNATURE_BOX);
    }

    @Override
    public BufferedImage decode(byte[] file, String name, boolean upright, SizeCheck limits) throws IOException {
        Ffmpeg.requireFor(name);
        ByteBuffer bytes = ByteBuffer.wrap(file);
        int start = codestream(bytes);
        int width = size(bytes, start, 0);
        int height = size(bytes, start, 4);
        limits.check(width, height);
        checkTiles(bytes, start);
        if ((bytes.getShort(file.length - 2) & 0xFFFF) != END) {
            throw new EOFException("the file ends within the picture");
        }
        AVPacket packet = avcodec.av_packet_alloc();
        AVCodecParameters parameters = avcodec.avcodec_parameters_alloc();
        try {
            Ffmpeg.check(avcodec.av_new_packet(packet, file.length));
            packet.data().put(file);
            parameters.codec_type(avutil.AVMEDIA_TYPE_VIDEO);
            parameters.codec_id(avcodec.AV_CODEC_ID_JPEG2000);
            try (StillDecoder decoder = new StillDecoder(parameters, width, height);
                    RgbFrames rgb = new RgbFrames(swscale.SWS_BILINEAR)) {
                AVFrame frame = decoder.decode(packet);
                frame.color_range(avutil.AVCOL_RANGE_JPEG); // the standard knows no other
                return RgbFrames.image(rgb.convert(name, frame, width, height, Orientation.NORMAL));
            }
        } catch (VideoException e) {
            throw new PictureException(e.getMessage(), e); // names the file already
        } finally {
            avcodec.avcodec_parameters_free(parameters);
            avcodec.av_packet_free(packet);
        }
    }

    /** Where the codestream begins. */
    private static int codestream(ByteBuffer file) throws IOException {
        long at = 0;
        while (at <= file.limit() - 12 && file.getInt((int) at) != CODESTREAM_START) {
            long length = file.getInt((int) at) & 0xFFFFFFFFL;
            boolean found = file.getInt((int) at + 4) == CODESTREAM_BOX;
            long header = length == 1 ? 16 : 8;
            at += found ? header : length == 1 ? file.getLong((int) at + 8) : Math.max(length, 8);
            if (at < 0) {
                break;
            }
        }
        if (at < 0 || at > file.limit() - 44 || file.getInt((int) at) != CODESTREAM_START) {
            throw new EOFException("there is no picture in it");
        }
        return (int) at;
    }

    /** Width or height on the reference grid, which is that of the first component. */
    private static int size(ByteBuffer file, int start, int offset) throws IOException {
        long size = (file.getInt(start + 8 + offset) & 0xFFFFFFFFL) - (file.getInt(start + 16 + offset) & 0xFFFFFFFFL);
        if (size < 1 || size > Integer.MAX_VALUE) {
            throw new IOException("its size is impossible");
        }
        return (int) size;
    }

    private static void checkTiles(ByteBuffer file, int start) throws IOException {
        long across = tiles(file, start, 0);
        long down = tiles(file, start, 4);
        int components = file.getShort(start + 40) & 0xFFFF;
        if (components < 1 || across * down > MAX_TILE_PARTS / components) {
            throw new IOException(across * down + " tiles of " + components + " components are more than are read");
        }
    }

    private static long tiles(ByteBuffer file, int start, int offset) throws IOException {
        long end = file.getInt(start + 8 + offset) & 0xFFFFFFFFL;
        long tile = file.getInt(start + 24 + offset) & 0xFFFFFFFFL;
        long first = file.getInt(start + 32 + offset) & 0xFFFFFFFFL;
        if (tile == 0 || first > end) {
            throw new IOException("its tiles are impossible");
        }
        return Math.min((end - first + tile - 1) / tile, Integer.MAX_VALUE);
    }
}
