package dev.sam2j.video.ffmpeg;

import dev.sam2j.common.io.FileSignature;
import dev.sam2j.predictors.video.VideoException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.bytedeco.ffmpeg.global.avutil;

/** What a file is by its first bytes, for sentences about files that are no videos. */
public final class FileKind {
    private static final int HEAD_BYTES = 4096;

    private static final String PICTURE = " picture, not a video; for a video made of pictures name their folder";

    /** Brands of ISO media files that hold pictures only. */
    private static final Set<String> PICTURE_BRANDS = Set.of("heic", "heix", "heim", "heis", "mif1", "avif", "jpeg");

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

    /** What a file is that is no video, or null. */
    private static String kind(String head, String name) {
        return switch (FileSignature.of(head.getBytes(StandardCharsets.ISO_8859_1))) {
            case JPEG -> {
                boolean film = name.endsWith(".mjpeg") || name.endsWith(".mjpg"); // one picture after the other
                yield film ? null : "a JPEG" + PICTURE;
            }
            case PNG -> head.contains("acTL") ? null : "a PNG" + PICTURE;
            case WEBP -> {
                boolean animated = head.startsWith("VP8X", 12) && (head.charAt(20) & 2) != 0;
                yield animated
                        ? "an animated WebP, which cannot be read as a video; convert it to mp4"
                        : "a WebP" + PICTURE;
            }
            case MP4 -> {
                boolean picture = head.length() >= 12 && PICTURE_BRANDS.contains(head.substring(8, 12));
                yield picture ? (head.startsWith("avif", 8) ? "an AVIF" : "a HEIF") + PICTURE : null;
            }
            case BMP -> "a BMP" + PICTURE;
            case TIFF -> "a TIFF" + PICTURE;
            case PHOTOSHOP -> "a Photoshop" + PICTURE;
            case JPEG_2000 -> "a JPEG 2000" + PICTURE;
            case PLAYLIST -> "a playlist, which names other files; name one of them";
            case STREAM_DESCRIPTION -> "a description of a stream, not a video; record the stream to a file first";
            case LFS_POINTER -> "a Git LFS pointer, not the video itself; run git lfs pull";
            case WEB_PAGE -> "a web page, not a video";
            case XML -> "an XML file, not a video";
            case WAVE, MP3, FLAC -> "a sound file, not a video";
            case ZIP -> "a ZIP archive, not a video; unpack it";
            case GZIP -> "compressed with gzip; unpack it";
            case SEVEN_ZIP -> "a 7z archive, not a video; unpack it";
            case RAR -> "a RAR archive, not a video; unpack it";
            case PDF -> "a PDF, not a video";
            case JSON -> "a text file, not a video";
            default -> null;
        };
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
