package dev.sam2j.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * The folder that downloaded checkpoints are kept in.
 *
 * @param folder the folder; it need not exist yet
 */
public record CheckpointCache(Path folder) {
    /** System property that names the folder. */
    public static final String PROPERTY = "dev.sam2j.cache";

    /** Environment variable that names the folder. */
    public static final String ENVIRONMENT = "SAM2J_CACHE";

    /**
     * The folder to use: the argument, else the system property {@value #PROPERTY}, else the environment variable
     * {@value #ENVIRONMENT}, else {@code sam2j} in the user's cache folder ({@code XDG_CACHE_HOME} or {@code ~/.cache},
     * {@code ~/Library/Caches}, {@code LOCALAPPDATA}).
     *
     * @param argument the user's choice, or null
     */
    public static CheckpointCache locate(Path argument) {
        return locate(argument, System::getProperty, System::getenv);
    }

    static CheckpointCache locate(Path argument, UnaryOperator<String> property, UnaryOperator<String> environment) {
        if (argument != null) {
            return new CheckpointCache(argument);
        }
        String chosen = firstNonBlank(property.apply(PROPERTY), environment.apply(ENVIRONMENT));
        return new CheckpointCache(
                chosen != null
                        ? Path.of(chosen)
                        : userCache(property, environment).resolve("sam2j"));
    }

    private static Path userCache(UnaryOperator<String> property, UnaryOperator<String> environment) {
        Path home = Path.of(firstNonBlank(property.apply("user.home"), "."));
        String system = firstNonBlank(property.apply("os.name"), "linux").toLowerCase(Locale.ROOT);
        if (system.startsWith("mac")) {
            return home.resolve("Library").resolve("Caches");
        }
        if (system.startsWith("windows")) {
            String local = firstNonBlank(environment.apply("LOCALAPPDATA"), null);
            return local != null ? Path.of(local) : home.resolve("AppData").resolve("Local");
        }
        String xdg = firstNonBlank(environment.apply("XDG_CACHE_HOME"), null);
        return xdg != null && Path.of(xdg).isAbsolute() ? Path.of(xdg) : home.resolve(".cache");
    }

    private static String firstNonBlank(String first, String second) {
        return first != null && !first.isBlank() ? first : second != null && !second.isBlank() ? second : null;
    }

    /** Where a file is or would be. */
    public Path path(RemoteFile file) {
        return folder.resolve(file.name());
    }

    /**
     * Whether a file is there in its full size. It was verified when it was put there; its hash is not computed again.
     */
    public boolean contains(RemoteFile file) {
        try {
            return Files.isRegularFile(path(file)) && Files.size(path(file)) == file.bytes();
        } catch (IOException e) {
            return false;
        }
    }
}
