package dev.sam2j.video.ffmpeg;

import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.Read_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.avformat.Seek_Pointer_long_int;
import org.bytedeco.ffmpeg.avformat.Write_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/** A file in memory, as FFmpeg reads it: a buffer that holds all of it from the beginning, which nothing fills up. */
public final class MemoryInput implements AutoCloseable {
    private AVIOContext io;

    /** Copies a file to native memory. */
    public MemoryInput(byte[] file) {
        Ffmpeg.require();
        BytePointer buffer = new BytePointer(avutil.av_malloc(file.length));
        if (buffer.isNull()) {
            throw new OutOfMemoryError("a picture file of " + file.length + " bytes");
        }
        buffer.capacity(file.length).put(file);
        io = avformat.avio_alloc_context(
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
    }

    /** FFmpeg's own. */
    public AVIOContext io() {
        return io;
    }

    @Override
    public void close() {
        if (io != null) {
            avutil.av_free(io.buffer());
            avformat.avio_context_free(io);
            io = null;
        }
    }
}
