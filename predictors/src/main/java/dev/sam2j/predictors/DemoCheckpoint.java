package dev.sam2j.predictors;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The weights that come with this library: SAM 2.1 made small and trained on drawn scenes, so that everything can be
 * tried without a download. It is not made for photographs.
 */
final class DemoCheckpoint implements AutoCloseable {
    private static final String RESOURCE = "sam2.1_hiera_demo.pt";

    private final Path file;

    private DemoCheckpoint(Path file) {
        this.file = file;
    }

    /** Copies the checkpoint out of the jar, since checkpoints are read through a memory mapping. */
    static DemoCheckpoint extract() {
        try (InputStream in = DemoCheckpoint.class.getResourceAsStream(RESOURCE)) {
            Path file = Files.createTempFile("sam2j-demo-", ".pt");
            file.toFile().deleteOnExit();
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            return new DemoCheckpoint(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the demo checkpoint could not be copied to the temporary folder", e);
        }
    }

    /** The copy. */
    Path file() {
        return file;
    }

    /** Deletes the copy; where a mapping still holds it, the end of the program does. */
    @Override
    public void close() {
        file.toFile().delete();
    }
}
