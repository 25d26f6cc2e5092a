package dev.sam2j.predictors.model;

import dev.sam2j.predictors.ModelException;
import dev.sam2j.weights.checkpoint.Checkpoints;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The weights that come with this library: SAM 2.1 made small and trained on drawn scenes, so that everything can be
 * tried without a download. It is not made for photographs.
 */
public final class DemoCheckpoint {
    private static final String RESOURCE = "sam2.1_hiera_demo.pt";

    private DemoCheckpoint() {}

    /** Opens the checkpoint in memory, where it takes 10 MB: no file is left behind by a process that is killed. */
    public static Checkpoints.Source open() {
        try (InputStream in = DemoCheckpoint.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new ModelException("the demo weights are not on the class path; name a checkpoint");
            }
            return Checkpoints.open(RESOURCE, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("the demo checkpoint in the library's jar cannot be read", e);
        }
    }
}
