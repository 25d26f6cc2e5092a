package dev.sam2j.common.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A hidden name {@code .sam2j-<number>} in a folder, for what is not finished. The process that uses it holds a lock on
 * the file of that name and the ending {@value #LOCK}, which the system gives up when the process dies: so everybody
 * can tell whose leftovers are whose. Where the system has no locks nothing is taken for a leftover.
 */
public final class HiddenName implements Closeable {
    static final String LOCK = ".lock";

    private static final Pattern OURS = Pattern.compile("(\\.sam2j-[0-9a-f]{16})\\.[a-z]+");

    /** Locks of this process: it would lose one if it opened and closed the file again. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final String name;
    private final FileChannel channel;

    private HiddenName(Path folder, String name, FileChannel channel) {
        this.folder = folder;
        this.name = name;
        this.channel = channel;
    }

    /** A new name. */
    static HiddenName create(Path folder) throws IOException {
        while (true) {
            long number = ThreadLocalRandom.current().nextLong();
            HiddenName created = open(folder.toRealPath(), String.format(Locale.ROOT, ".sam2j-%016x", number), true);
            if (created != null) {
                return created;
            }
        }
    }

    /** Takes over a name whose process has died; null if that lives, or others have taken over. */
    static HiddenName takeOver(Path folder, String name) throws IOException {
        return open(folder.toRealPath(), name, false);
    }

    /** The name of a file without its ending if it is of this kind, else null. */
    static String of(Path file) {
        Matcher matcher = OURS.matcher(file.getFileName().toString());
        return matcher.matches() ? matcher.group(1) : null;
    }

    private static HiddenName open(Path folder, String name, boolean withoutLocks) throws IOException {
        Path lock = folder.resolve(name + LOCK);
        if (!HELD.add(lock)) {
            return null;
        }
        FileChannel channel = null;
        boolean ours = false;
        try {
            channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            ours = lock(channel, withoutLocks) && Files.exists(lock); // or its last owner was about to delete it
        } finally {
            if (!ours) {
                HELD.remove(lock);
                if (channel != null) {
                    channel.close();
                }
            }
        }
        return ours ? new HiddenName(folder, name, channel) : null;
    }

    private static boolean lock(FileChannel channel, boolean withoutLocks) {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            return withoutLocks;
        }
    }

    /** The file or folder of this name with an ending, which begins with a dot and has letters after it. */
    public Path path(String ending) {
        return folder.resolve(name + ending);
    }

    /** Gives the name up, whose other files should be gone by now. */
    @Override
    public void close() throws IOException {
        Path lock = path(LOCK);
        try {
            Files.deleteIfExists(lock);
        } finally {
            channel.close();
            HELD.remove(lock);
        }
    }
}
