package dev.sam2j.predictors.image.files;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.tiff.TiffFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The pages of a picture file, for example the planes of a TIFF stack, read one at a time: no page is decoded that is
 * not asked for. Every other picture file has one page. Not for use by several threads at once.
 */
public final class PicturePages implements AutoCloseable {
    private final Path file;
    private ReadOptions options;
    /** A TIFF file, mapped: stacks may be larger than the heap. Null for other files. */
    private TiffFile tiff;

    private final int count;
    private boolean closed;

    /**
     * Opens a file and counts its pages. Reduced copies that a TIFF file keeps beside a picture are not pages.
     *
     * @param options limits and how pages are shown, all with the window of the one that is read first unless one is
     *     given; its page is not looked at, and only what holds for all pages is told
     * @throws PictureException if the file cannot be read or is a broken TIFF; other files are looked at when read
     */
    public PicturePages(Path file, ReadOptions options) {
        this.file = file;
        this.options = options.withSteadyWindow();
        this.tiff = map(file);
        this.count = tiff == null ? 1 : tiff.pages();
    }

    private static TiffFile map(Path file) {
        if (Files.isDirectory(file)) {
            throw new PictureException(file + " is a folder, not a picture");
        }
        boolean interrupted = Thread.interrupted(); // would close the channel
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() < 8 || channel.size() > Integer.MAX_VALUE) {
                return null;
            }
            ByteBuffer mapped = channel.map(MapMode.READ_ONLY, 0, channel.size());
            return TiffFile.isTiff(mapped) ? PictureReader.tiff(mapped, file.toString()) : null;
        } catch (IOException e) {
            throw PictureReader.unreadable(file, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Number of pages, at least 1. */
    public int count() {
        return count;
    }

    /**
     * Decodes one page.
     *
     * @param page from 0 to {@link #count()} - 1
     * @throws PictureException as {@link Picture#read(Path, ReadOptions)}
     * @throws IndexOutOfBoundsException if there is no such page
     * @throws IllegalStateException after {@link #close}
     */
    public Picture read(int page) {
        if (closed) {
            throw new IllegalStateException("picture pages: already closed (" + file + ")");
        }
        if (page < 0 || page >= count) {
            throw new IndexOutOfBoundsException("picture pages: page " + page + " of " + count + " (" + file + ")");
        }
        ReadOptions ofPage = options.withPage(page);
        Picture picture = tiff == null ? Picture.read(file, ofPage) : PictureReader.read(tiff, file.toString(), ofPage);
        options = options.withNotices(notice -> {});
        return picture;
    }

    /** Lets go of the file; may be called more than once. */
    @Override
    public void close() {
        closed = true;
        tiff = null;
    }
}
