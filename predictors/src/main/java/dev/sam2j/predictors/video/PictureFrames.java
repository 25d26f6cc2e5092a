package dev.sam2j.predictors.video;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.files.PictureFolder;
import dev.sam2j.predictors.image.files.PicturePages;
import dev.sam2j.predictors.image.files.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Pictures as frames: those of a folder, in natural order of their names (numbers in them count as numbers), or the
 * pages of one file, for example the planes of a TIFF stack.
 */
public final class PictureFrames implements FrameSource {
    private final Path path;
    private final int frames;
    private final int width;
    private final int height;
    private final IntFunction<Picture> pictures;
    private final Runnable release;
    /** Null for pages. */
    private final PictureFolder folder;

    private PictureFrames(
            Path path,
            int frames,
            Picture first,
            IntFunction<Picture> pictures,
            Runnable release,
            PictureFolder folder) {
        this.path = path;
        this.frames = frames;
        this.width = first.width();
        this.height = first.height();
        this.pictures = pictures;
        this.release = release;
        this.folder = folder;
    }

    /**
     * Opens a folder; the first picture sets the size and the window of samples. Pictures are turned as their EXIF
     * orientation says, like single pictures and video files, while the reference takes them as stored.
     *
     * @throws VideoException as {@link #folder(Path, ReadOptions)}
     */
    public static PictureFrames folder(Path folder) {
        return folder(folder, ReadOptions.DEFAULT);
    }

    /**
     * Opens a folder; the first picture sets the size and, unless the options give one, the window of samples.
     *
     * @throws VideoException if the folder cannot be read or holds no pictures, the first cannot be read, or the second
     *     or the last has another size
     */
    public static PictureFrames folder(Path folder, ReadOptions options) {
        if (!Files.isDirectory(folder)) {
            throw new VideoException(folder + ": not a folder");
        }
        PictureFolder listing;
        try {
            listing = PictureFolder.list(folder, false, null);
        } catch (IOException e) {
            throw new VideoException(folder + ": the folder cannot be read", e);
        }
        List<Path> files = listing.pictures();
        if (files.isEmpty()) {
            String leftOut = listing.leftOut();
            throw new VideoException(folder + " holds no pictures (" + PictureReader.formats() + ")"
                    + (leftOut.isEmpty() ? "" : ", only " + leftOut));
        }
        ReadOptions steady = options.withSteadyWindow();
        Picture first = read(0, i -> Picture.read(files.get(i), steady));
        ReadOptions quiet = steady.withNotices(notice -> {}); // what is told of one frame holds for all
        PictureFrames source = new PictureFrames(
                folder, files.size(), first, i -> Picture.read(files.get(i), quiet), () -> {}, listing);
        source.requireSameSize(1);
        source.requireSameSize(files.size() - 1);
        return source;
    }

    /** Finds a stray thumbnail, which mostly comes first or last, before anything is computed. */
    private void requireSameSize(int index) {
        if (index < 1 || index >= frames) {
            return;
        }
        Picture picture;
        try {
            picture = read(index);
        } catch (VideoException e) {
            return; // told when the video has come to that frame
        }
        if (picture.width() != width || picture.height() != height) {
            throw new VideoException(path + ": " + fileName(index) + " is " + picture.width() + "x" + picture.height()
                    + ", but " + fileName(0) + " is " + width + "x" + height
                    + "; the frames of a video have one size, so scale them or take out what is no frame");
        }
    }

    /**
     * Opens the pages of a file. All get the brightness of the middle one, unless the options give a window of samples.
     *
     * @throws PictureException if the file cannot be read, is not a picture, is broken, or exceeds the limits
     */
    public static PictureFrames pages(Path file, ReadOptions options) {
        PicturePages pages = new PicturePages(file, options.withSteadyWindow());
        try {
            // The first and last planes of a volume are often empty: the middle one decides about the brightness.
            Picture middle = pages.read(pages.count() / 2);
            return new PictureFrames(file, pages.count(), middle, pages::read, pages::close, null);
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
    public static boolean hasPages(Path file, ReadOptions options) {
        try (PicturePages pages = new PicturePages(file, options)) {
            return pages.count() > 1;
        }
    }

    /** What in the folder is no frame, for people; empty if everything is. */
    public String leftOut() {
        return folder == null ? "" : folder.leftOut();
    }

    @Override
    public String description() {
        return path.toString();
    }

    @Override
    public int frames() {
        return frames;
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
        return read(index, pictures);
    }

    private static Picture read(int index, IntFunction<Picture> pictures) {
        try {
            return pictures.apply(index);
        } catch (PictureException e) {
            throw new VideoException("frame " + index + ": " + e.getMessage(), e);
        }
    }

    @Override
    public String name(int index) {
        if (folder == null) {
            return FrameSource.super.name(index);
        }
        String name = fileName(index);
        return name.substring(0, name.lastIndexOf('.'));
    }

    @Override
    public String fileName(int index) {
        return folder == null
                ? FrameSource.super.fileName(index)
                : folder.pictures().get(index).getFileName().toString();
    }

    /** Lets go of the file. */
    @Override
    public void close() {
        release.run();
    }
}
