package dev.sam2j.common.io;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What files are by their first bytes, so that people who give a wrong one learn what they have. */
public enum FileSignature {
    PNG("\u0089PNG"),
    JPEG("\u00ff\u00d8\u00ff"),
    BMP("BM"),
    TIFF("II*\0", "II+\0", "MM\0*", "MM\0+"),
    PHOTOSHOP("8BPS"),
    JPEG_2000("\0\0\0\fjP  "),
    JPEG_XL("\0\0\0\fJXL ", "\u00ff\n"),
    PAM("P7\n"),
    OPEN_EXR("v/1\1"),
    RADIANCE("#?RADIANCE"),
    ICON("\0\0\1\0"),
    FITS("SIMPLE  ="),
    SVG("<svg"),
    MP4(4, "ftyp"),
    MATROSKA("\u001aE\u00df\u00a3"),
    AVI(8, "AVI "),
    WAVE(8, "WAVE"),
    WEBP(8, "WEBP"),
    MP3("ID3"),
    FLAC("fLaC"),
    PLAYLIST("#EXTM3U", "ffconcat", "<mpd"),
    STREAM_DESCRIPTION("v=0"),
    ZIP("PK\3\4"),
    GZIP("\u001f\u008b"),
    ZSTD("\u0028\u00b5\u002f\u00fd"),
    XZ("\u00fd7zXZ"),
    BZIP2("BZh"),
    SEVEN_ZIP("7z\u00bc\u00af"),
    RAR("Rar!"),
    GGUF("GGUF"),
    HDF5("\u0089HDF"),
    NUMPY("\u0093NUMPY"),
    PICKLE("\u0080"),
    PDF("%PDF"),
    LFS_POINTER("version https://git-lfs"),
    WEB_PAGE("<!doctype html", "<html"),
    XML("<?xml", "<!doctype"),
    JSON("{"),
    TAR(257, "ustar"),
    DICOM(128, "DICM"),
    /** None of these. */
    UNKNOWN(0);

    private static final int HEAD = 512;

    private final int at;
    private final List<String> starts; // a character for each byte; of tags in lower case

    FileSignature(String... starts) {
        this(0, starts);
    }

    FileSignature(int at, String... starts) {
        this.at = at;
        this.starts = List.of(starts);
    }

    /** Judges a file by its beginning, of which 512 bytes are enough. Spaces before tags do not count. */
    public static FileSignature of(byte[] file) {
        String head = new String(file, 0, Math.min(file.length, HEAD), StandardCharsets.ISO_8859_1);
        String tag = head.stripLeading().toLowerCase(Locale.ROOT);
        return Stream.of(values())
                .filter(kind -> kind.starts.stream()
                        .anyMatch(start ->
                                start.startsWith("<") ? tag.startsWith(start) : head.startsWith(start, kind.at)))
                .findFirst()
                .orElse(UNKNOWN);
    }
}
