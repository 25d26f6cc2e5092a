package dev.sam2j.predictors.video;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A folder of JPEG and PNG pictures, in natural order of their names: numbers in them count as numbers. */
public final class FrameFolder implements FrameSource {
    private final Path folder;
    private final List<Path> files;
    private final ReadOptions options;
    private final int width;
    private final int height;

    private FrameFolder(Path folder, List<Path> files, ReadOptions options) {
        this.folder = folder;
        this.files = files;
        this.options = options;
        Picture first = read(0);
        this.width = first.width();
        this.height = first.height();
    }

    /**
     * Opens a folder; the first picture sets the size. Pictures are turned as their EXIF orientation says, like single
     * pictures and video files, while the reference takes them as stored.
     *
     * @throws VideoException if the folder cannot be read or holds no pictures
     */
    public static FrameFolder open(Path folder) {
        return open(folder, ReadOptions.DEFAULT);
    }

    /**
     * Opens a folder; the first picture sets the size.
     *
     * @throws VideoException if the folder cannot be read or holds no pictures
     */
    public static FrameFolder open(Path folder, ReadOptions options) {
        if (!Files.isDirectory(folder)) {
            throw new VideoException(folder + ": not a folder");
        }
        List<Path> files;
        try (Stream<Path> entries = Files.list(folder)) {
            files = entries.filter(FrameFolder::isPicture)
                    .sorted(Comparator.comparing(path -> path.getFileName().toString(), FrameFolder::compareNatural))
                    .toList();
        } catch (IOException e) {
            throw new VideoException(folder + ": the folder cannot be read", e);
        }
        if (files.isEmpty()) {
            throw new VideoException(folder + ": there are no .jpg, .jpeg or .png pictures");
        }
        return new FrameFolder(folder, files, options);
    }

    private static boolean isPicture(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return !name.startsWith(".") && (name.endsWith(".jpg") || name.endsWith(".jpeg") || name.endsWith(".png"));
    }

    /** Compares digits as numbers and everything else as text. */
    static int compareNatural(String a, String b) {
        String[] left = a.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)");
        String[] right = b.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)");
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            boolean numbers = startsWithDigit(left[i]) && startsWithDigit(right[i]);
            int order =
                    numbers ? new BigInteger(left[i]).compareTo(new BigInteger(right[i])) : left[i].compareTo(right[i]);
            if (order != 0) {
                return order;
            }
        }
        return left.length != right.length ? Integer.compare(left.length, right.length) : a.compareTo(b);
    }

    private static boolean startsWithDigit(String part) {
        return !part.isEmpty() && part.charAt(0) >= '0' && part.charAt(0) <= '9';
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

    /** Has nothing to close. */
    @Override
    public void close() {}
}
