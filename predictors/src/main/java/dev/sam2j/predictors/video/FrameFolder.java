package dev.sam2j.predictors.video;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.files.PictureFolder;
import dev.sam2j.predictors.image.files.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The pictures of a folder, in natural order of their names: numbers in them count as numbers. */
public final class FrameFolder implements FrameSource {
    private final Path folder;
    private final List<Path> files;
    private final String leftOut;
    private ReadOptions options;
    private final int width;
    private final int height;

    private FrameFolder(Path folder, PictureFolder listing, ReadOptions options) {
        this.folder = folder;
        this.files = listing.pictures();
        this.leftOut = listing.leftOut();
        this.options = options.withSteadyWindow();
        Picture first = read(0);
        this.options = this.options.withNotices(notice -> {}); // what is told of one frame holds for all
        this.width = first.width();
        this.height = first.height();
        requireSameSize(1);
        requireSameSize(files.size() - 1);
    }

    /** Finds a stray thumbnail, which mostly comes first or last, before anything is computed. */
    private void requireSameSize(int index) {
        if (index < 1 || index >= files.size()) {
            return;
        }
        Picture picture;
        try {
            picture = read(index);
        } catch (VideoException e) {
            return; // told when the video has come to that frame
        }
        if (picture.width() != width || picture.height() != height) {
            throw new VideoException(folder + ": " + files.get(index).getFileName() + " is " + picture.width() + "x"
                    + picture.height() + ", but " + files.get(0).getFileName() + " is " + width + "x" + height
                    + "; the frames of a video have one size, so scale them or take out what is no frame");
        }
    }

    /**
     * Opens a folder; the first picture sets the size and the window of samples. Pictures are turned as their EXIF
     * orientation says, like single pictures and video files, while the reference takes them as stored.
     *
     * @throws VideoException if the folder cannot be read or holds no pictures
     */
    public static FrameFolder open(Path folder) {
        return open(folder, ReadOptions.DEFAULT);
    }

    /**
     * Opens a folder; the first picture sets the size and, unless the options give one, the window of samples.
     *
     * @throws VideoException if the folder cannot be read or holds no pictures, the first cannot be read, or the second
     *     or the last has another size
     */
    public static FrameFolder open(Path folder, ReadOptions options) {
        if (!Files.isDirectory(folder)) {
            throw new VideoException(folder + ": not a folder");
        }
        PictureFolder listing;
        try {
            listing = PictureFolder.list(folder, false, null);
        } catch (IOException e) {
            throw new VideoException(folder + ": the folder cannot be read", e);
        }
        if (listing.pictures().isEmpty()) {
            String leftOut = listing.leftOut();
            throw new VideoException(folder + " holds no pictures (" + PictureReader.formats() + ")"
                    + (leftOut.isEmpty() ? "" : ", only " + leftOut));
        }
        return new FrameFolder(folder, listing, options);
    }

    /** What in the folder is no frame, for people; empty if everything is. */
    public String leftOut() {
        return leftOut;
    }

    @Override
    public String description() {
        return folder.toString();
    }

    @Override
    public int frames() {
        return files.size();
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
            return Picture.read(files.get(index), options);
        } catch (PictureException e) {
            throw new VideoException("frame " + index + ": " + e.getMessage(), e);
        }
    }

    @Override
    public String name(int index) {
        String name = files.get(index).getFileName().toString();
        return name.substring(0, name.lastIndexOf('.'));
    }

    @Override
    public String fileName(int index) {
        return files.get(index).getFileName().toString();
    }

    /** Has nothing to close. */
    @Override
    public void close() {}
}
