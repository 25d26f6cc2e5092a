package dev.sam2j.predictors.video;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.files.PicturePages;
import java.nio.file.Path;

/** The pages of a picture file as frames, for example the planes of a TIFF stack. */
public final class PictureStack implements FrameSource {
    private final Path file;
    private final PicturePages pages;
    private final int width;
    private final int height;

    private PictureStack(Path file, PicturePages pages) {
        this.file = file;
        this.pages = pages;
        // The first and last planes of a volume are often empty: the middle one decides about the brightness.
        Picture middle = pages.read(pages.count() / 2);
        this.width = middle.width();
        this.height = middle.height();
    }

    /**
     * Opens a file. All pages get the brightness of the middle one, unless the options give a window of samples.
     *
     * @throws PictureException if the file cannot be read, is not a picture, is broken, or exceeds the limits
     */
    public static PictureStack open(Path file, ReadOptions options) {
        PicturePages pages = PicturePages.open(file, options.withSteadyWindow());
        try {
            return new PictureStack(file, pages);
        } catch (RuntimeException e) {
            pages.close();
            throw e;
        }
    }

    /**
     * Whether a file has several pages.
     *
     * @throws PictureException if the file cannot be read
     */
    public static boolean isStack(Path file, ReadOptions options) {
        try (PicturePages pages = PicturePages.open(file, options)) {
            return pages.count() > 1;
        }
    }

    @Override
    public String description() {
        return file.toString();
    }

    @Override
    public int frames() {
        return pages.count();
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int height() {
        return height;
    }

    @Override
    public Picture read(int index) {
        try {
            return pages.read(index);
        } catch (PictureException e) {
            throw new VideoException("frame " + index + ": " + e.getMessage(), e);
        }
    }

    /** Lets go of the file. */
    @Override
    public void close() {
        pages.close();
    }
}
