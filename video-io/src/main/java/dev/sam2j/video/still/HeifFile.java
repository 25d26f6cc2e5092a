package dev.sam2j.video.still;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.files.PictureDecoder.SizeCheck;
import dev.sam2j.predictors.image.pixels.Orientation;
import dev.sam2j.video.ffmpeg.DisplayMatrix;
import dev.sam2j.video.ffmpeg.Ffmpeg;
import dev.sam2j.video.ffmpeg.RgbFrames;
import java.io.EOFException;
import java.io.IOException;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avformat.AVStreamGroup;
import org.bytedeco.ffmpeg.avformat.AVStreamGroupTileGrid;
import org.bytedeco.ffmpeg.avformat.Read_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.avformat.Seek_Pointer_long_int;
import org.bytedeco.ffmpeg.avformat.Write_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacpp.BytePointer;

/** The main picture of an opened HEIF file: one stream, or a grid of streams with a packet each. */
final class HeifFile implements AutoCloseable {
    private final AVFormatContext format;
    private final AVIOContext input;
    private final AVPacket packet = avcodec.av_packet_alloc();

    /** The grid, or null if the picture is a single stream. */
    private AVStreamGroup grid;

    private int stream = -1;

    private HeifFile(byte[] file) {
        this.input = memory(file);
        this.format = avformat.avformat_alloc_context();
    }

    /** A file in memory: a buffer that holds all of it from the beginning, which nothing fills up. */
    private static AVIOContext memory(byte[] file) {
        BytePointer buffer = new BytePointer(avutil.av_malloc(file.length));
        if (buffer.isNull()) {
            throw new OutOfMemoryError("a picture file of " + file.length + " bytes");
        }
        buffer.capacity(file.length).put(file);
        AVIOContext io = avformat.avio_alloc_context(
                buffer,
                file.length,
                0,
                null,
                (Read_packet_Pointer_BytePointer_int) null,
                (Write_packet_Pointer_BytePointer_int) null,
                (Seek_Pointer_long_int) null);
        io.buf_end(new BytePointer(buffer).position(file.length));
        io.pos(file.length);
        io.seekable(avformat.AVIO_SEEKABLE_NORMAL);
        return io;
    }

    /** Opens a file. */
    static HeifFile open(byte[] file) throws IOException {
        HeifFile heif = new HeifFile(HeifBoxes.withoutThumbnails(file));
        try {
            heif.openFormat();
            heif.findPicture();
            return heif;
        } catch (IOException | RuntimeException | Error e) {
            heif.close();
            throw e;
        }
    }

    private void openFormat() throws IOException {
        format.pb(input);
        AVDictionary options = new AVDictionary(null);
        try {
            avutil.av_dict_set(options, "protocol_whitelist", "", 0); // nothing else is opened
            Ffmpeg.check(
                    avformat.avformat_open_input(format, (String) null, avformat.av_find_input_format("mov"), options));
        } finally {
            avutil.av_dict_free(options);
        }
    }

    private void findPicture() throws IOException {
        for (int i = 0; i < format.nb_stream_groups(); i++) {
            AVStreamGroup group = format.stream_groups(i);
            boolean tiles = group.type() == avformat.AV_STREAM_GROUP_PARAMS_TILE_GRID;
            if (tiles && (group.disposition() & avformat.AV_DISPOSITION_DEFAULT) != 0) {
                grid = group;
                return;
            }
        }
        for (int i = 0; i < format.nb_streams(); i++) {
            boolean main = (format.streams(i).disposition() & avformat.AV_DISPOSITION_DEFAULT) != 0;
            if (main && format.streams(i).codecpar().codec_type() == avutil.AVMEDIA_TYPE_VIDEO) {
                stream = i;
                return;
            }
        }
        throw new IOException("its main picture is of no kind that is read");
    }

    /** Width of the picture as stored. */
    int width() {
        return grid == null ? format.streams(stream).codecpar().width() : tiles().width();
    }

    /** Height of the picture as stored. */
    int height() {
        return grid == null ? format.streams(stream).codecpar().height() : tiles().height();
    }

    private AVStreamGroupTileGrid tiles() {
        return grid.params_tile_grid();
    }

    /** How the picture is turned to stand upright. */
    Orientation orientation() {
        return grid == null
                ? DisplayMatrix.of(format.streams(stream))
                : DisplayMatrix.of(tiles().coded_side_data(), tiles().nb_coded_side_data());
    }

    /** Decodes the picture as stored. */
    Picture decode(String name, SizeCheck limits) throws IOException {
        byte[] canvas = new byte[3 * width() * height()];
        int count = grid == null ? 1 : tiles().nb_tiles();
        long pixels = 0;
        for (int i = 0; i < count; i++) {
            AVStream part = part(i);
            limits.check(part.codecpar().width(), part.codecpar().height());
            pixels += (long) part.codecpar().width() * part.codecpar().height();
        }
        if (pixels > 4L * width() * height() + (1 << 24)) {
            throw new IOException("its tiles are much larger than the picture");
        }
        int left = count;
        while (left > 0) {
            Ffmpeg.check(avformat.av_read_frame(format, packet));
            try {
                if ((packet.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0) {
                    throw new EOFException("the file ends within a picture");
                }
                int index = packet.stream_index();
                for (int i = 0; i < count; i++) {
                    if (part(i).index() == index) {
                        draw(name, i, canvas);
                        left--;
                    }
                }
            } finally {
                avcodec.av_packet_unref(packet);
            }
        }
        return Picture.owning(canvas, width(), height());
    }

    private AVStream part(int tile) throws IOException {
        if (grid == null) {
            return format.streams(stream);
        }
        int index = tiles().offsets_idx(tile);
        if (index < 0 || index >= grid.nb_streams()) {
            throw new IOException("a tile is missing");
        }
        return grid.streams(index);
    }

    /** Decodes the packet and puts its pixels in their place. */
    private void draw(String name, int tile, byte[] canvas) throws IOException {
        AVStream part = part(tile);
        // As libavif and libheif do; the latter looks at no neighbours, which are those of another tile at an edge.
        boolean av1 = part.codecpar().codec_id() == avcodec.AV_CODEC_ID_AV1;
        int filter = av1 && grid == null ? swscale.SWS_BILINEAR : swscale.SWS_POINT;
        try (StillDecoder decoder = new StillDecoder(
                        part.codecpar(),
                        part.codecpar().width(),
                        part.codecpar().height());
                RgbFrames rgb = new RgbFrames(filter)) {
            AVFrame frame = decoder.decode(packet);
            int x = grid == null ? 0 : tiles().offsets_horizontal(tile) - tiles().horizontal_offset();
            int y = grid == null ? 0 : tiles().offsets_vertical(tile) - tiles().vertical_offset();
            byte[] samples = rgb.samples(name, frame, frame.width(), frame.height());
            blit(samples, frame.width(), frame.height(), canvas, x, y);
        }
    }

    private void blit(byte[] samples, int tileWidth, int tileHeight, byte[] canvas, int x, int y) {
        int from = Math.max(0, -x);
        int to = Math.min(tileWidth, width() - x);
        for (int row = Math.max(0, -y); row < Math.min(tileHeight, height() - y) && from < to; row++) {
            System.arraycopy(
                    samples,
                    3 * (row * tileWidth + from),
                    canvas,
                    3 * ((y + row) * width() + x + from),
                    3 * (to - from));
        }
    }

    @Override
    public void close() {
        avcodec.av_packet_free(packet);
        avformat.avformat_close_input(format);
        avutil.av_free(input.buffer());
        avformat.avio_context_free(input);
    }
}
