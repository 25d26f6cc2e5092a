package dev.sam2j.weights;

import dev.sam2j.common.CacheFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * The folder that downloaded checkpoints are kept in.
 *
 * @param folder the folder; it need not exist yet
 */
public record CheckpointCache(Path folder) {
    /**
     * The folder to use: the argument, else that of {@link CacheFolder}.
     *
     * @param argument the user's choice, or null
     */
    public static CheckpointCache locate(Path argument) {
        return locate(argument, System::getProperty, System::getenv);
    }

    static CheckpointCache locate(Path argument, UnaryOperator<String> property, UnaryOperator<String> environment) {
        return new CheckpointCache(argument != null ? argument : CacheFolder.locate(property, environment));
    }

    /** Where a file is or would be. */
    Path path(RemoteFile file) {
        return folder.resolve(file.name());
    }

    /**
     * Whether a checkpoint is there in its full size. It was verified when it was put there; its hash is not computed
     * again.
     */
    public boolean contains(NamedCheckpoint checkpoint) {
        return contains(checkpoint.remote());
    }

    boolean contains(RemoteFile file) {
        try {
            return Files.isRegularFile(path(file)) && Files.size(path(file)) == file.bytes();
        } catch (IOException e) {
            return false;
        }
    }
}
