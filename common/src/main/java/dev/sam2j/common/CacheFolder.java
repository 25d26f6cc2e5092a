package dev.sam2j.common;

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
     * {@code LOCALAPPDATA}). The home is that of {@link UserHome}. It need not exist.
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
        String system = firstNonBlank(property.apply("os.name"), "linux").toLowerCase(Locale.ROOT);
        String named = system.startsWith("windows")
                ? environment.apply("LOCALAPPDATA")
                : system.startsWith("mac") ? null : environment.apply("XDG_CACHE_HOME");
        if (UserHome.isAbsolute(named)) {
            return Path.of(named);
        }
        String below =
                system.startsWith("mac") ? "Library/Caches" : system.startsWith("windows") ? "AppData/Local" : ".cache";
        return UserHome.locate(property, environment).resolve(below);
    }

    private static String firstNonBlank(String first, String second) {
        return first != null && !first.isBlank() ? first : second != null && !second.isBlank() ? second : null;
    }
}
