package dev.sam2j.common;

import dev.sam2j.common.io.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.UnaryOperator;

/**
 * The user's home folder, also of users that the system does not know, as containers have them. Java calls theirs
 * {@code ?}, and all that keeps files in the user's cache, FFmpeg's libraries above all, would make a folder of that
 * name wherever it runs.
 */
public final class UserHome {
    private static final String PROPERTY = "user.home";
    private static final String OWNER = "unix:uid";
    private static final String PRIVATE = "rwx------";

    private UserHome() {}

    /** Names another home, for all that runs in this process, if Java knows none. */
    public static void settle() {
        System.setProperty(PROPERTY, locate(System::getProperty, System::getenv).toString());
    }

    /**
     * Java's {@code user.home} if it is a path, else {@code HOME} if that can be written to, else a folder in the
     * temporary folder that nobody else can write to, which is made if it is not there.
     *
     * @param property system properties by name
     * @param environment environment variables by name
     * @throws UncheckedIOException if the temporary folder cannot be written to
     */
    static Path locate(UnaryOperator<String> property, UnaryOperator<String> environment) {
        String home = property.apply(PROPERTY);
        return isAbsolute(home)
                ? Path.of(home)
                : instead(environment.apply("HOME"), Path.of(property.apply("java.io.tmpdir")));
    }

    static Path instead(String named, Path temporary) {
        if (isAbsolute(named) && Files.isWritable(Path.of(named))) {
            return Path.of(named);
        }
        try {
            return kept(Files.createTempDirectory(temporary, "sam2j-home-"));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the user has no home, and none can be made in " + temporary + ": " + AtomicFiles.reason(e), e);
        }
    }

    /** The folder of an earlier run in place of a fresh one, which stays if that name is somebody else's. */
    private static Path kept(Path fresh) throws IOException {
        if (!fresh.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return fresh;
        }
        Object owner = Files.getAttribute(fresh, OWNER);
        Path kept = fresh.resolveSibling("sam2j-home-of-" + owner);
        try {
            return Files.move(fresh, kept);
        } catch (FileAlreadyExistsException e) {
            boolean ours = Files.isDirectory(kept, LinkOption.NOFOLLOW_LINKS)
                    && Files.getAttribute(kept, OWNER, LinkOption.NOFOLLOW_LINKS)
                            .equals(owner)
                    && PosixFilePermissions.toString(Files.getPosixFilePermissions(kept, LinkOption.NOFOLLOW_LINKS))
                            .equals(PRIVATE);
            if (!ours) {
                return fresh;
            }
            Files.delete(fresh);
            return kept;
        }
    }

    static boolean isAbsolute(String folder) {
        return folder != null && !folder.isBlank() && Path.of(folder).isAbsolute();
    }
}
