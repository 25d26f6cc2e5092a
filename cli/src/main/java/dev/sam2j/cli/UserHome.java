package dev.sam2j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A home for users that the system does not know, as containers have them. Java calls theirs {@value #UNKNOWN}, and all
 * that keeps files in the user's cache, FFmpeg's libraries above all, would make a folder of that name wherever it
 * runs.
 */
final class UserHome {
    private static final String PROPERTY = "user.home";
    private static final String UNKNOWN = "?";
    private static final String PRIVATE = "rwx------";

    private UserHome() {}

    /** Names another home if there is none. */
    static void settle() throws IOException {
        if (UNKNOWN.equals(System.getProperty(PROPERTY))) {
            Path home = instead(System.getenv("HOME"), Path.of(System.getProperty("java.io.tmpdir")));
            System.setProperty(PROPERTY, home.toString());
        }
    }

    /** The folder that the environment names, or one in the temporary folder that nobody else can write to. */
    static Path instead(String named, Path temporary) throws IOException {
        if (named != null && Path.of(named).isAbsolute() && Files.isWritable(Path.of(named))) {
            return Path.of(named);
        }
        Path fresh = Files.createTempDirectory(temporary, "sam2j-home-");
        Path kept = temporary.resolve("sam2j-home-of-" + Files.getAttribute(fresh, "unix:uid"));
        if (!Files.exists(kept, LinkOption.NOFOLLOW_LINKS)) {
            return Files.move(fresh, kept);
        }
        boolean ours = Files.isDirectory(kept, LinkOption.NOFOLLOW_LINKS)
                && Files.getAttribute(kept, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                        .equals(Files.getAttribute(fresh, "unix:uid"))
                && PosixFilePermissions.toString(Files.getPosixFilePermissions(kept, LinkOption.NOFOLLOW_LINKS))
                        .equals(PRIVATE);
        if (!ours) {
            return fresh; // somebody else's
        }
        Files.delete(fresh);
        return kept;
    }
}
