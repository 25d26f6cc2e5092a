package dev.sam2j.cuda.library;

import dev.sam2j.BackendException;
import dev.sam2j.common.CacheFolder;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Keeps native libraries in a folder of the user's own, so that they are written once and not at every start. What is
 * in such a folder is run as code: folders that others can write to are refused, and a file is used only if its content
 * is the expected one. Several processes may do this at the same time.
 */
final class NativeFiles {
    private static final System.Logger LOG = System.getLogger(NativeFiles.class.getName());
    private static final int GROUP_WRITE = 0020;
    private static final int OTHERS_WRITE = 0002;
    private static final int STICKY = 01000;

    private NativeFiles() {}

    /** The folder for native libraries in the user's cache. */
    static Path cacheFolder(Host host) {
        UnaryOperator<String> property =
                name -> name.equals("os.name") ? host.os() : host.property().apply(name);
        return CacheFolder.locate(property, host.environment()).toAbsolutePath().resolve("natives");
    }

    /**
     * Puts files into a folder, which is made if it is not there. Where the cache cannot be written, a new temporary
     * folder of this process takes its place.
     *
     * @param cache folder that {@code name} is made in
     * @param name name of the folder, which tells the version of its contents
     * @param files contents by file name
     * @return the folder
     * @throws BackendException if there is no safe folder to put them
     */
    static Path unpack(Path cache, String name, Map<String, byte[]> files) {
        try {
            return unpackInto(cache.resolve(name), files);
        } catch (IOException e) {
            // Read-only homes are usual in containers; an unsafe folder is not used either.
            LOG.log(System.Logger.Level.INFO, "JCuda''s libraries go to a temporary folder: {0}", reason(e));
            try {
                return unpackTemporarily(files);
            } catch (IOException second) {
                throw new BackendException("CUDA: JCuda's libraries cannot be unpacked: " + reason(e)
                        + "; nor into the temporary folder: " + reason(second));
            }
        }
    }

    /** As {@link #unpack}, without the temporary folder in its place. */
    static Path unpackInto(Path folder, Map<String, byte[]> files) throws IOException {
        createPrivate(folder);
        requirePrivate(folder);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path target = folder.resolve(file.getKey());
            if (!holds(target, file.getValue())) {
                write(folder, target, file.getValue());
            }
        }
        return folder.toRealPath();
    }

    private static Path unpackTemporarily(Map<String, byte[]> files) throws IOException {
        // Made with rights of its owner only.
        Path folder = Files.createTempDirectory("sam2j-natives-");
        folder.toFile().deleteOnExit();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path target = folder.resolve(file.getKey());
            target.toFile().deleteOnExit();
            Files.write(target, file.getValue());
        }
        return folder.toRealPath();
    }

    private static void createPrivate(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            createPrivate(parent);
        }
        FileAttribute<?>[] rights = posix(folder)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
        try {
            Files.createDirectory(folder, rights);
        } catch (FileAlreadyExistsException e) {
            // Another process was faster; a file of this name is another matter.
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
    }

    /** Refuses a folder if anyone but its owner, who is this user or root, can change what is in it or above it. */
    private static void requirePrivate(Path folder) throws IOException {
        if (!posix(folder)) {
            return;
        }
        if (Files.isSymbolicLink(folder)) {
            throw new IOException(folder + ": expected a folder, got a link");
        }
        int user = currentUser();
        boolean last = true;
        for (Path at = folder.toRealPath(); at != null; at = at.getParent()) {
            int owner = (int) Files.getAttribute(at, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            int mode = (int) Files.getAttribute(at, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            int group = (int) Files.getAttribute(at, "unix:gid", LinkOption.NOFOLLOW_LINKS);
            // Many systems give a user a group of the same number, and new folders the right of that group to write.
            boolean writable = (mode & OTHERS_WRITE) != 0 || ((mode & GROUP_WRITE) != 0 && group != owner);
            // In a folder with the sticky bit others can add files, but not replace ours.
            boolean shared = writable && (last || (mode & STICKY) == 0);
            if (shared || (user >= 0 && owner != user && owner != 0)) {
                throw new IOException(at + ": expected a folder that only this user can write to, got one of user "
                        + owner + " with mode " + Integer.toOctalString(mode & 07777));
            }
            last = false;
        }
    }

    private static int currentUser() throws IOException {
        Path self = Path.of("/proc/self");
        return Files.exists(self) ? (int) Files.getAttribute(self, "unix:uid") : -1;
    }

    private static boolean posix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("unix");
    }

    private static boolean holds(Path file, byte[] content) throws IOException {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.size(file) == content.length
                && Arrays.equals(Files.readAllBytes(file), content);
    }

    /** Writes beside the target and renames, so that no process ever sees a part of a file. */
    private static void write(Path folder, Path target, byte[] content) throws IOException {
        Path partial = Files.createTempFile(folder, "", ".part");
        try {
            // A channel would be closed if this thread were interrupted.
            try (FileOutputStream out = new FileOutputStream(partial.toFile())) {
                out.write(content);
                out.getFD().sync();
            }
            try {
                Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            // Windows cannot replace a library that another process has loaded; that one is as good.
            if (!holds(target, content)) {
                throw e;
            }
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private static String reason(IOException e) {
        return e.getMessage() == null
                ? e.getClass().getSimpleName()
                : e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}
