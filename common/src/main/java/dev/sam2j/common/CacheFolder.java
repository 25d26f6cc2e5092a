package dev.sam2j.common;

import java.nio.file.Files;
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
     * {@code LOCALAPPDATA}). Where the system knows no home folder of the user, as in a container that is run under a
     * number, it is that of {@code HOME}, else a folder of the user's own in the temporary folder. It need not exist.
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
        if (isAbsolute(named)) {
            return Path.of(named);
        }
        String home = property.apply("user.home");
        if (!isAbsolute(home)) {
            home = environment.apply("HOME");
        }
        if (!isAbsolute(home) || !home.equals(property.apply("user.home")) && !Files.isWritable(Path.of(home))) {
            String user = firstNonBlank(property.apply("user.name"), "?").replaceAll("[^\\w.-]", "_");
            return Path.of(firstNonBlank(property.apply("java.io.tmpdir"), "."), "sam2j-" + user);
        }
        String below =
                system.startsWith("mac") ? "Library/Caches" : system.startsWith("windows") ? "AppData/Local" : ".cache";
        return Path.of(home).resolve(below);
    }

    /** What Java says of the home of a user that the system does not know is {@code ?}. */
    private static boolean isAbsolute(String folder) {
        return folder != null && !folder.isBlank() && Path.of(folder).isAbsolute();
    }

    private static String firstNonBlank(String first, String second) {
        return first != null && !first.isBlank() ? first : second != null && !second.isBlank() ? second : null;
    }
}
