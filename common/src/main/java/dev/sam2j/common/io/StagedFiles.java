package dev.sam2j.common.io;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files on their way into a folder, to which they go all together. They are written to a hidden folder first; until
 * {@link #commit} an earlier result stays as it is. If the process dies before that, or the files are not committed,
 * nothing of them is left. If it dies during that, {@link #recover} finishes it.
 *
 * <p>A hidden folder ends in {@value #STAGED} until everything is in it, in {@value #LEAVING} while earlier files are
 * moved out of the way, to its {@code old}, and in {@value #ENTERING} while those of its {@code new} are moved in: at
 * no time are files of two results in their places. A folder that did not exist gets its name in one step.
 */
public final class StagedFiles implements AutoCloseable {
    private static final String STAGED = ".tmp";
    private static final String LEAVING = ".out";
    private static final String ENTERING = ".in";
    private static final String OLD = "old";
    private static final String NEW = "new";
    private static final String REPLACED = "replaced";
    private static final String SEPARATOR = "\0";

    /** Called before every change of names, so that tests can end the process there. */
    static volatile Runnable beforeMove = () -> {};

    private final Path target;
    private final HiddenName name;
    private final Deque<Path> madeParents;
    private final Thread hook = new Thread(this::discard);
    private String state = STAGED;
    private boolean ended;

    private StagedFiles(Path target, HiddenName name, Deque<Path> madeParents) {
        this.target = target;
        this.name = name;
        this.madeParents = madeParents;
    }

    /**
     * Begins files for a folder. It is not made yet if it is not there; its parents are. What processes that have died
     * left in it is finished or removed.
     *
     * @throws IOException if the folder or one in its place cannot be made or written to
     */
    public static StagedFiles into(Path folder) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        Deque<Path> made = new ArrayDeque<>();
        try {
            boolean exists = Files.exists(target);
            if (exists) {
                recover(target);
            } else {
                makeParents(target, made);
                removeLeftovers(target.getParent());
            }
            StagedFiles staged = new StagedFiles(target, HiddenName.create(exists ? target : target.getParent()), made);
            Runtime.getRuntime().addShutdownHook(staged.hook);
            Files.createDirectories(staged.name.path(STAGED).resolve(NEW));
            return staged;
        } catch (IOException e) {
            made.forEach(parent -> parent.toFile().delete());
            String reason = e instanceof NoSuchFileException
                    ? "the file system lets nobody make files there" // such as /proc
                    : AtomicFiles.reason(e);
            throw new IOException("folder " + folder + " cannot be written: " + reason, e);
        }
    }

    private static void makeParents(Path target, Deque<Path> made) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path parent = target.getParent(); !Files.exists(parent); parent = parent.getParent()) {
            missing.push(parent);
        }
        for (Path parent : missing) {
            Files.createDirectory(parent);
            made.push(parent);
        }
    }

    /** The folder to write to for now. */
    public synchronized Path folder() throws IOException {
        if (ended) {
            throw new IOException("interrupted");
        }
        return name.path(STAGED).resolve(NEW);
    }

    /**
     * Puts all files in place.
     *
     * @param replaced names in the folder, with {@code /} below it, of earlier files that go, whether there are such or
     *     not; those of new files need not be named
     * @param last the file that leaves first and comes last, by which others see that a result is whole; may be null
     * @throws IOException if an earlier file cannot be replaced, before anything has changed, or if that stops midway,
     *     in which case {@link #recover} may still finish it
     */
    public synchronized void commit(Collection<String> replaced, String last) throws IOException {
        if (!Files.exists(target)) {
            move(folder(), target);
            AtomicFiles.forceFolder(target.getParent());
            madeParents.clear();
            return;
        }
        List<String> entering = files(folder(), last);
        Set<String> leaving = new LinkedHashSet<>();
        if (last != null) {
            leaving.add(last);
        }
        leaving.addAll(entering);
        leaving.addAll(replaced);
        for (String file : leaving) {
            requirePlace(file);
        }
        List<String> list = new ArrayList<>(leaving);
        list.add(0, last == null ? "" : last);
        AtomicFiles.writeString(name.path(STAGED).resolve(REPLACED), String.join(SEPARATOR, list));
        advance(LEAVING);
        finish();
    }

    /**
     * Finishes what dead processes had begun to put in place in a folder, and removes what else they left there.
     *
     * @throws IOException if something cannot be put in place
     */
    public static void recover(Path folder) throws IOException {
        for (Path entry : hidden(folder)) {
            String ending = entry.getFileName()
                    .toString()
                    .substring(HiddenName.of(entry).length());
            if (ending.equals(LEAVING) || ending.equals(ENTERING)) {
                HiddenName name = HiddenName.takeOver(folder, HiddenName.of(entry));
                if (name != null) {
                    try (StagedFiles interrupted = new StagedFiles(folder.toRealPath(), name, new ArrayDeque<>())) {
                        interrupted.state = ending;
                        interrupted.finish();
                    }
                }
            }
        }
        removeLeftovers(folder);
    }

    /** Removes unfinished files that dead processes left in a folder, as far as this user may. */
    public static void removeLeftovers(Path folder) {
        try {
            for (Path entry : hidden(folder)) {
                if (entry.toString().endsWith(STAGED) || entry.toString().endsWith(HiddenName.LOCK)) {
                    removeLeftover(folder, HiddenName.of(entry));
                }
            }
        } catch (IOException e) {
            return; // whoever may list it will remove them
        }
    }

    private static void removeLeftover(Path folder, String leftover) {
        try (HiddenName name = HiddenName.takeOver(folder, leftover)) {
            if (name != null) {
                delete(name.path(STAGED));
            }
        } catch (IOException e) {
            return; // another user's
        }
    }

    private static List<Path> hidden(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> HiddenName.of(entry) != null).toList();
        }
    }

    /** From one of the later two states to the end. */
    private void finish() throws IOException {
        List<String> list = List.of(Files.readString(name.path(state).resolve(REPLACED), StandardCharsets.UTF_8)
                .split(SEPARATOR));
        String last = list.get(0);
        if (state.equals(LEAVING)) {
            for (String file : list.subList(1, list.size())) {
                moveIfThere(requirePlace(file), name.path(state).resolve(OLD).resolve(file));
                deleteEmptyParents(file);
            }
            advance(ENTERING);
        }
        Path entering = name.path(state).resolve(NEW);
        for (String file : files(entering, last)) {
            moveIfThere(entering.resolve(file), requirePlace(file));
        }
        AtomicFiles.forceFolder(target);
        advance(STAGED);
    }

    /** Names of all files below a folder, {@code last} at the end. */
    private static List<String> files(Path folder, String last) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                    .map(file -> folder.relativize(file).toString().replace(File.separatorChar, '/'))
                    .sorted(Comparator.<String, Boolean>comparing(file -> file.equals(last))
                            .thenComparing(Comparator.naturalOrder()))
                    .toList();
        }
    }

    /** The place of a file: below the target, not by way of a link, and neither a folder nor below a file. */
    private Path requirePlace(String file) throws IOException {
        Path place = target.resolve(file);
        if (file.isEmpty() || !place.normalize().equals(place) || !place.startsWith(target)) {
            throw new IOException("'" + file + "' is not the name of a file in " + target);
        }
        for (Path parent = place.getParent(); !parent.equals(target); parent = parent.getParent()) {
            if (Files.exists(parent, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(place + " cannot be written: " + parent + " is not a folder");
            }
        }
        if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(place + " cannot be written: it is a folder");
        }
        return place;
    }

    private static void moveIfThere(Path from, Path to) throws IOException {
        if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(to.getParent());
            move(from, to);
        }
    }

    private void deleteEmptyParents(String file) {
        Path parent = target.resolve(file).getParent();
        while (!parent.equals(target) && parent.toFile().delete()) {
            parent = parent.getParent();
        }
    }

    private void advance(String next) throws IOException {
        move(name.path(state), name.path(next));
        AtomicFiles.forceFolder(name.path(next).getParent());
        state = next;
    }

    private static void move(Path from, Path to) throws IOException {
        beforeMove.run();
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    private synchronized void discard() {
        if (ended) {
            return;
        }
        ended = true;
        try (name) {
            if (state.equals(STAGED)) { // and what is half in place stays for recovery
                delete(name.path(STAGED));
            }
        } catch (IOException e) {
            return; // left to the next run
        } finally {
            madeParents.forEach(parent -> parent.toFile().delete());
        }
    }

    private static void delete(Path place) throws IOException {
        if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> all = Files.walk(place)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) { // what is in a folder before it
                Files.delete(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Removes what has not been committed. */
    @Override
    public void close() {
        discard();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the process is ending, and the hook with it
        }
    }
}
