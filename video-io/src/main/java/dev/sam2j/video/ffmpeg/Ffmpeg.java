package dev.sam2j.video.ffmpeg;

import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.video.VideoException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;

/** The native library: whether it is there, and what its error codes mean. */
public final class Ffmpeg {
    private static final int MESSAGE_BYTES = 256;

    /** FFmpeg takes UTF-8 on Windows and the system's bytes elsewhere. */
    private static final Charset FILE_NAMES = Loader.getPlatform().startsWith("windows")
            ? StandardCharsets.UTF_8
            : Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    /** Largest piece of memory: a frame of the largest size in 16 bits, or the index of 26 million pictures. */
    private static final long MAX_ALLOCATION = 600L << 20;

    private Ffmpeg() {}

    /** Loads on first use; a failure is a value, so that it can be told again. */
    private static final class Library {
        static final String REASON = load();

        private static String load() {
            try {
                Loader.load(avutil.class);
                Loader.load(avcodec.class);
                Loader.load(avformat.class);
                Loader.load(swscale.class);
                // Its messages go past the application to stderr; what matters comes back as error codes.
                avutil.av_log_set_level(avutil.AV_LOG_QUIET);
                // Headers can claim any number of pictures.
                avutil.av_max_alloc(MAX_ALLOCATION);
                return null;
            } catch (LinkageError | RuntimeException e) {
                String platform = Loader.getPlatform();
                return "video files need FFmpeg's native library for " + platform + ", which is not there: put "
                        + "org.bytedeco:ffmpeg and org.bytedeco:javacpp with the classifier " + platform
                        + " on the class path, or use a folder of pictures ("
                        + e.getClass().getSimpleName() + ")";
            }
        }
    }

    /** Why video files cannot be used on this machine, in one sentence, or null if they can. */
    public static String unavailableReason() {
        return Library.REASON;
    }

    /**
     * Loads the library.
     *
     * @throws VideoException if it is not there
     */
    public static void require() {
        if (Library.REASON != null) {
            throw new VideoException(Library.REASON);
        }
    }

    /**
     * Loads the library to read a picture.
     *
     * @throws PictureException if it is not there
     */
    public static void requireFor(String picture) {
        if (Library.REASON != null) {
            throw new PictureException(picture + " cannot be read: " + Library.REASON);
        }
    }

    /** Checks what a call returned: an error if negative. */
    public static void check(int code) throws IOException {
        if (code < 0) {
            throw new IOException(message(code));
        }
    }

    /**
     * The address of a file: never taken for another protocol or a pattern, whatever its name, in the letters of the
     * machine's file names.
     */
    public static BytePointer url(Path file) {
        byte[] url = ("file:" + file.toAbsolutePath()).getBytes(FILE_NAMES);
        return new BytePointer(Arrays.copyOf(url, url.length + 1));
    }

    /** What an error code means. */
    public static String message(int code) {
        byte[] text = new byte[MESSAGE_BYTES];
        avutil.av_strerror(code, text, text.length);
        return new String(text, StandardCharsets.UTF_8).trim(); // zeros follow it
    }
}
