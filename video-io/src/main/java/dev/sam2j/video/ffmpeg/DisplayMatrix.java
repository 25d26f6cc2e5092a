package dev.sam2j.video.ffmpeg;

import dev.sam2j.predictors.image.pixels.Orientation;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.IntPointer;

/** How stored pictures are turned and mirrored to stand upright; angles between quarter turns count as the nearest. */
public final class DisplayMatrix {
    private static final int MATRIX_BYTES = 9 * Integer.BYTES;

    private DisplayMatrix() {}

    /** What the display matrix of a stream says. */
    public static Orientation of(AVStream stream) {
        return of(stream.codecpar().coded_side_data(), stream.codecpar().nb_coded_side_data());
    }

    /** What the display matrix among side data says. */
    public static Orientation of(AVPacketSideData all, int count) {
        AVPacketSideData data = avcodec.av_packet_side_data_get(all, count, avcodec.AV_PKT_DATA_DISPLAYMATRIX);
        boolean there = data != null && !data.isNull() && data.size() >= MATRIX_BYTES;
        return there ? of(new IntPointer(data.data())) : Orientation.NORMAL;
    }

    /** What the display matrix of a frame says, or of its stream if it has none. */
    static Orientation of(AVFrame frame, AVStream stream) {
        AVFrameSideData data = avutil.av_frame_get_side_data(frame, avutil.AV_FRAME_DATA_DISPLAYMATRIX);
        boolean own = data != null && !data.isNull() && data.size() >= MATRIX_BYTES;
        return own ? of(new IntPointer(data.data())) : of(stream);
    }

    private static Orientation of(IntPointer matrix) {
        return of(matrix.get(0), matrix.get(1), matrix.get(3), matrix.get(4));
    }

    /** The turn of a matrix that takes (x, y) to (a x + c y, b x + d y), y pointing down. */
    public static Orientation of(int a, int b, int c, int d) {
        boolean swap = Math.abs((long) b) + Math.abs((long) c) > Math.abs((long) a) + Math.abs((long) d);
        return swap ? Orientation.of(true, c < 0, b < 0) : Orientation.of(false, a < 0, d < 0);
    }
}
