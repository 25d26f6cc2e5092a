package dev.sam2j.video.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.IntPointer;

/**
 * How stored pictures are turned and mirrored to stand upright.
 *
 * @param swap whether rows become columns
 * @param mirrorX whether the result runs from right to left
 * @param mirrorY whether the result runs from bottom to top
 */
public record Turn(boolean swap, boolean mirrorX, boolean mirrorY) {
    /** Pictures are stored upright. */
    public static final Turn NONE = new Turn(false, false, false);

    private static final int MATRIX_BYTES = 9 * Integer.BYTES;

    /** What the display matrix of a stream says; angles between quarter turns count as the nearest one. */
    public static Turn of(AVStream stream) {
        return of(stream.codecpar().coded_side_data(), stream.codecpar().nb_coded_side_data());
    }

    /** What the display matrix among side data says. */
    public static Turn of(AVPacketSideData all, int count) {
        AVPacketSideData data = avcodec.av_packet_side_data_get(all, count, avcodec.AV_PKT_DATA_DISPLAYMATRIX);
        if (data == null || data.isNull() || data.size() < MATRIX_BYTES) {
            return NONE;
        }
        return of(new IntPointer(data.data()));
    }

    /** What the display matrix of a frame says, or of its stream if it has none. */
    public static Turn of(AVFrame frame, AVStream stream) {
        AVFrameSideData data = avutil.av_frame_get_side_data(frame, avutil.AV_FRAME_DATA_DISPLAYMATRIX);
        boolean own = data != null && !data.isNull() && data.size() >= MATRIX_BYTES;
        return own ? of(new IntPointer(data.data())) : of(stream);
    }

    private static Turn of(IntPointer matrix) {
        return of(matrix.get(0), matrix.get(1), matrix.get(3), matrix.get(4));
    }

    /** The turn of a matrix that takes (x, y) to (a x + c y, b x + d y), y pointing down. */
    public static Turn of(int a, int b, int c, int d) {
        boolean swap = Math.abs((long) b) + Math.abs((long) c) > Math.abs((long) a) + Math.abs((long) d);
        return swap ? new Turn(true, c < 0, b < 0) : new Turn(false, a < 0, d < 0);
    }

    /** Width of a turned picture. */
    public int width(int storedWidth, int storedHeight) {
        return swap ? storedHeight : storedWidth;
    }

    /** Height of a turned picture. */
    public int height(int storedWidth, int storedHeight) {
        return swap ? storedWidth : storedHeight;
    }

    /** Turns interleaved RGB samples of {@code width * height} stored pixels. */
    public byte[] apply(byte[] rgb, int width, int height) {
        if (equals(NONE)) {
            return rgb;
        }
        byte[] turned = new byte[rgb.length];
        int outWidth = width(width, height);
        int outHeight = height(width, height);
        for (int y = 0, out = 0; y < outHeight; y++) {
            for (int x = 0; x < outWidth; x++, out += 3) {
                int u = mirrorX ? outWidth - 1 - x : x;
                int v = mirrorY ? outHeight - 1 - y : y;
                int in = 3 * (swap ? u * width + v : v * width + u);
                turned[out] = rgb[in];
                turned[out + 1] = rgb[in + 1];
                turned[out + 2] = rgb[in + 2];
            }
        }
        return turned;
    }
}
