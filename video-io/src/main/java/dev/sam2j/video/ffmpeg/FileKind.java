package dev.sam2j.video.ffmpeg;

import dev.sam2j.predictors.video.VideoException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bytedeco.ffmpeg.global.avutil;

/** What a file is by its first bytes, for sentences about files that are no videos. */
public final class FileKind {
    private static final int HEAD_BYTES = 4096;

    private static final String PICTURE = " picture, not a video; for a video made of pictures name their folder";

    private static final String SOUND = "a sound file, not a video";

    /** Kinds that are no videos: how they begin, and what to say of them. */
    private static final List<Signature> OTHERS = List.of(
            new Signature("BM", "a BMP" + PICTURE),
            new Signature("II*\0", "a TIFF" + PICTURE),
            new Signature("II+\0", "a TIFF" + PICTURE),
            new Signature("MM\0*", "a TIFF" + PICTURE),
            new Signature("MM\0+", "a TIFF" + PICTURE),
            new Signature("8BPS", "a Photoshop" + PICTURE),
            new Signature("\0\0\0\fjP  ", "a JPEG 2000" + PICTURE),
            new Signature("#EXTM3U", "a playlist, which names other files; name one of them"),
            new Signature("ffconcat", "a playlist, which names other files; name one of them"),
            new Signature("v=0", "a description of a stream, not a video; record the stream to a file first"),
            new Signature("version https://git-lfs", "a Git LFS pointer, not the video itself; run git lfs pull"),
            new Signature("<!doctype", "a web page, not a video"),
            new Signature("<html", "a web page, not a video"),
            new Signature("<?xml", "an XML file, not a video"),
            new Signature("<mpd", "a playlist, which names other files; name one of them"),
            new Signature("ID3", SOUND),
            new Signature("fLaC", SOUND),
            new Signature("PK\3\4", "a ZIP archive, not a video; unpack it"),
            new Signature("\037\213", "compressed with gzip; unpack it"),
            new Signature("7z\274\257", "a 7z archive, not a video; unpack it"),
            new Signature("Rar!", "a RAR archive, not a video; unpack it"),
            new Signature("%PDF", "a PDF, not a video"),
            new Signature("{", "a text file, not a video"));

    /** Brands of ISO media files that hold pictures only. */
    private static final Set<String> PICTURE_BRANDS = Set.of("heic", "heix", "heim", "heis", "mif1", "avif", "jpeg");

    private record Signature(String start, String kind) {
        boolean matches(String head) {
            return head.regionMatches(start.startsWith("<"), 0, start, 0, start.length());
        }
    }

    private FileKind() {}

    /**
     * Checks that a file can be read and is none of the kinds that are known to be something else than a video.
     *
     * @throws VideoException if it is not there, cannot be read, or is no video
     */
    public static void requireVideo(Path file) {
        if (Files.isDirectory(file)) {
            throw new VideoException(file + " is a folder, not a video file");
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new VideoException(
                    file + " is not a file: a pipe or device cannot be read twice; save the video first");
        }
        String head = head(file);
        if (head.isEmpty()) {
            throw new VideoException(file + " is empty");
        }
        String kind = kind(head, file.toString().toLowerCase(Locale.ROOT));
        if (kind != null) {
            throw new VideoException(file + " is " + kind);
        }
    }

    /** The first bytes, one character for each. */
    private static String head(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(HEAD_BYTES), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new VideoException(file + " does not exist", e);
        } catch (AccessDeniedException e) {
            throw new VideoException(file + " cannot be read: permission denied", e);
        } catch (IOException e) {
            throw new VideoException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String kind(String head, String name) {
        if (head.startsWith("\377\330\377")) {
            boolean film = name.endsWith(".mjpeg") || name.endsWith(".mjpg"); // one picture after the other
            return film ? null : "a JPEG" + PICTURE;
        }
        if (head.startsWith("\211PNG")) {
            return head.contains("acTL") ? null : "a PNG" + PICTURE;
        }
        if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) {
            boolean animated = head.startsWith("VP8X", 12) && (head.charAt(20) & 2) != 0;
            return animated
                    ? "an animated WebP, which cannot be read as a video; convert it to mp4"
                    : "a WebP" + PICTURE;
        }
        if (head.startsWith("RIFF") && head.startsWith("WAVE", 8)) {
            return SOUND;
        }
        if (head.startsWith("ftyp", 4) && head.length() >= 12 && PICTURE_BRANDS.contains(head.substring(8, 12))) {
            return (head.startsWith("avif", 8) ? "an AVIF" : "a HEIF") + PICTURE;
        }
        return OTHERS.stream()
                .filter(signature -> signature.matches(head))
                .map(Signature::kind)
                .findFirst()
                .orElse(null);
    }

    /** Why FFmpeg cannot read a file, from the code it gave. */
    static String unreadable(Path file, int code) {
        String sentence = file + " cannot be read as a video: ";
        boolean content = code == avutil.AVERROR_INVALIDDATA() // also end of file, input/output, and not admitted
                || code == avutil.AVERROR_EOF
                || code == avutil.AVERROR_EIO()
                || code == avutil.AVERROR_EINVAL();
        if (!content) {
            return sentence + Ffmpeg.message(code);
        }
        String head = head(file);
        String missing = FileEnd.missing(file);
        if (head.startsWith("ftyp", 4) || head.startsWith("mdat", 4) || head.startsWith("moov", 4)) {
            return sentence + "its index (moov) is missing or broken"
                    + (missing == null ? ", as in recordings that were not finished" : "; " + missing);
        }
        boolean known = head.startsWith("RIFF")
                || head.startsWith("\032\105\337\243")
                || head.startsWith("OggS")
                || head.startsWith("FLV")
                || head.startsWith("GIF8")
                || head.startsWith("\211PNG");
        if (known) {
            return sentence + (missing == null ? "it is broken at its beginning" : missing);
        }
        return sentence + "it is of no format that is read (mp4, mov, mkv, webm, avi, mpeg, ts, flv, ogv, wmv, gif)";
    }
}
