package dev.sam2j.video.still;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.files.PictureDecoder;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.video.ffmpeg.Ffmpeg;
import dev.sam2j.video.ffmpeg.RgbFrames;
import java.awt.image.BufferedImage;
import java.io.IOException;

/**
 * AVIF and HEIF pictures by way of FFmpeg: single ones and grids of tiles, which phones make. Alpha, depth and
 * thumbnails are left aside. For {@link java.util.ServiceLoader}.
 */
public final class HeifDecoder implements PictureDecoder {
    /** Has no state. */
    public HeifDecoder() {}

    @Override
    public boolean accepts(byte[] file) {
        return file.length >= 12 && file[4] == 'f' && file[5] == 't' && file[6] == 'y' && file[7] == 'p';
    }

    @Override
    public BufferedImage decode(byte[] file, String name, boolean upright, SizeCheck limits) throws IOException {
        Ffmpeg.requireFor(name);
        try (HeifFile heif = HeifFile.open(file)) {
            limits.check(heif.width(), heif.height());
            Picture stored = heif.decode(name, limits);
            return RgbFrames.image(upright ? heif.orientation().apply(stored) : stored);
        } catch (VideoException e) {
            throw new PictureException(e.getMessage(), e);
        }
    }
}
