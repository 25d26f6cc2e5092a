package dev.sam2j.predictors.image.pixels;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Readers of ImageIO. */
public final class ImageReaders {
    private ImageReaders() {}

    /** What to do with an ImageIO reader. */
    public interface Task<T> {
        /** What the task makes of the file. */
        T run(ImageReader reader) throws IOException;
    }

    /** Runs a task with a reader of a file, or with null where no reader knows it. */
    public static <T> T with(byte[] file, String format, Task<T> task) throws IOException {
        try (MemoryCacheImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers =
                    format == null ? ImageIO.getImageReaders(stream) : ImageIO.getImageReadersByFormatName(format);
            ImageReader reader = readers.hasNext() ? readers.next() : null;
            // WBMP has no signature: nearly any file that starts with two zeros would be one.
            if (reader == null
                    || reader.getFormatName().toLowerCase(Locale.ROOT).equals("wbmp")) {
                return task.run(null);
            }
            try {
                reader.setInput(stream, true, true);
                return task.run(reader);
            } finally {
                reader.dispose();
            }
        }
    }
}
