package dev.sam2j.video;

import dev.sam2j.predictors.video.VideoException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacpp.Loader;

/** The native library: whether it is there, and what its error codes mean. */
public final class Ffmpeg {
    private static final int MESSAGE_BYTES = 256;

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
    static void require() {
        if (Library.REASON != null) {
            throw new VideoException(Library.REASON);
        }
    }

    /** The address of a file: never taken for another protocol, whatever its name. */
    static String url(Path file) {
        return "file:" + file.toAbsolutePath();
    }

    /** What an error code means. */
    static String message(int code) {
        byte[] text = new byte[MESSAGE_BYTES];
        avutil.av_strerror(code, text, text.length);
        int length = 0;
        while (length < text.length && text[length] != 0) {
            length++;
        }
        return new String(text, 0, length, java.nio.charset.StandardCharsets.UTF_8);
    }
}
