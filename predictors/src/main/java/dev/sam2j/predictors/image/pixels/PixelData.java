package dev.sam2j.predictors.image.pixels;

/**
 * What decoders get to see of an encoded file: the pixels of its first picture, without text, profiles, thumbnails and
 * further pictures, on which decoders would spend time and memory, some without any bound. What the rest of the file
 * says about the picture is noted here. Decoders quietly fill up what a truncated file lacks, so that is found out
 * here too.
 *
 * @param file the pixels, as a file of the same format, or as a bare VP8 frame
 * @param scans how often the file goes over the picture (progressive JPEG), otherwise 1
 * @param truncated whether the file ends before its picture does
 * @param canvas where the first picture lies, or null where it is all there is
 */
public record PixelData(byte[] file, Orientation orientation, int scans, boolean truncated, Canvas canvas) {
    /** The area that pictures of an animation are painted on, of one colour before. */
    public record Canvas(int width, int height, int x, int y, int rgb) {}

    PixelData(byte[] file, Orientation orientation, int scans, boolean truncated) {
        this(file, orientation, scans, truncated, null);
    }

    /** Whether the pixels are a bare VP8 frame, the content of a lossy WebP file. */
    public boolean isVp8() {
        return Bytes.u16(file, 3, false) == 0x9D01 && Bytes.u8(file, 5) == 0x2A;
    }

    /** Looks at JPEG, PNG, GIF, WebP and BMP files; any other is taken as it is. */
    public static PixelData of(byte[] file) throws UnsupportedPictureException {
        int start = Bytes.u32(file, 0, false);
        if (start >>> 16 == 0xFFD8) {
            return JpegPixels.of(file);
        }
        if (start == 0x89504E47 && Bytes.u32(file, 4, false) == 0x0D0A1A0A) {
            return PngPixels.of(file);
        }
        if (start == 0x47494638) { // GIF8
            return GifPixels.of(file);
        }
        if (start == 0x52494646 && Bytes.u32(file, 8, false) == 0x57454250) { // RIFF, WEBP
            return WebpPixels.of(file);
        }
        if (start >>> 16 == 0x424D) { // BM
            return bmp(file);
        }
        return new PixelData(file, Orientation.NORMAL, 1, false);
    }

    private static PixelData bmp(byte[] file) throws UnsupportedPictureException {
        long offset = Bytes.u32(file, 10, true) & 0xFFFFFFFFL;
        boolean old = Bytes.u32(file, 14, true) == 12;
        long width = old ? Bytes.u16(file, 18, true) : Bytes.u32(file, 18, true);
        long height = Math.abs((long) (old ? Bytes.u16(file, 20, true) : Bytes.u32(file, 22, true)));
        long bits = Bytes.u16(file, old ? 24 : 28, true);
        int compression = old ? 0 : Bytes.u32(file, 30, true);
        if (compression == 4 || compression == 5) {
            throw new UnsupportedPictureException("a BMP that holds a JPEG or PNG");
        }
        boolean runLengths = compression == 1 || compression == 2;
        long end = offset + (runLengths ? 1 : (width * bits + 31) / 32 * 4 * height);
        return new PixelData(file, Orientation.NORMAL, 1, end > file.length);
    }
}
