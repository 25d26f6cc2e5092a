package dev.sam2j.tensor;

import java.nio.file.Path;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** The folder of the user's that this program keeps files in which it could get again. */
public final class CacheFolder {
    /** System property that names the folder. */
    public static final String PROPERTY = "dev.sam2j.cache";

    /** Environment variable that names the folder. */
    public static final String ENVIRONMENT = "SAM2J_CACHE";

    private CacheFolder() {}

    /**
     * The system property {@value #PROPERTY}, else the environment variable {@value #ENVIRONMENT}, else {@code sam2j}
     * in the user's cache folder ({@code XDG_CACHE_HOME} or {@code ~/.cache}, {@code ~/Library/Caches},
     * {@code LOCALAPPDATA}). It need not exist.
     *
     * @param property system properties by name
     * @param environment environment variables by name
     */
    public static Path locate(UnaryOperator<String> property, UnaryOperator<String> environment) {
        String chosen = firstNonBlank(property.apply(PROPERTY), environment.apply(ENVIRONMENT));
        return chosen != null
                ? Path.of(chosen)
                : userCache(property, environment).resolve("sam2j");
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
}
