package dev.sam2j.cli.options;

import dev.sam2j.weights.CheckpointCache;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where downloaded checkpoints are kept. */
public final class CacheOptions {
    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Folder of downloaded checkpoints (default: the system property dev.sam2j.cache, "
                    + "the variable SAM2J_CACHE, then the user's cache folder).")
    private Path folder;

    /** The user's choice, or null. */
    Path folder() {
        return folder;
    }

    /** The cache to use. */
    public CheckpointCache cache() {
        return CheckpointCache.locate(folder);
    }
}
