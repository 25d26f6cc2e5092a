package dev.sam2j.common.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagedFilesTest {
    private static final List<String> OLD = List.of("result", "mask_0", "mask_1", "objects/1/a", "objects/2/a");
    private static final List<String> NEW = List.of("mask_0", "objects/1/a", "objects/3/b", "result");

    @TempDir
    private Path temporary;

    private Path folder;

    @BeforeEach
    void name() {
        folder = temporary.resolve("out");
    }

    /** All files below a folder with their contents, hidden ones too. */
    private static TreeMap<String, String> contents(Path folder) throws IOException {
        TreeMap<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                contents.put(
                        folder.relativize(file).toString().replace(File.separatorChar, '/'), Files.readString(file));
            }
        }
        return contents;
    }

    private static TreeMap<String, String> files(List<String> names, String content) {
        TreeMap<String, String> files = new TreeMap<>();
        names.forEach(name -> files.put(name, content));
        return files;
    }

    private static void write(Path folder, List<String> names, String content) throws IOException {
        for (String name : names) {
            Files.createDirectories(folder.resolve(name).getParent());
            Files.writeString(folder.resolve(name), content);
        }
    }

    /** Replaces the result in a folder. */
    private static void replace(Path folder) throws IOException {
        try (StagedFiles staged = StagedFiles.into(folder)) {
            write(staged.folder(), NEW, "new");
            staged.commit(OLD, "result");
        }
    }

    @Test
    void aNewFolderAppearsWhole() throws IOException {
        folder = folder.resolve("a").resolve("b");
        try (StagedFiles staged = StagedFiles.into(folder)) {
            write(staged.folder(), NEW, "new");
            assertFalse(Files.exists(folder));
            staged.commit(OLD, "result");
        }
        assertEquals(files(NEW, "new"), contents(folder));
        assertEquals(NEW.size(), contents(temporary).size());
    }

    @Test
    void withoutCommitNothingIsLeft() throws IOException {
        try (StagedFiles staged = StagedFiles.into(folder.resolve("a"))) {
            write(staged.folder(), NEW, "new");
        }
        assertFalse(Files.exists(folder));
        write(folder, OLD, "old");
        StagedFiles staged = StagedFiles.into(folder);
        write(staged.folder(), NEW, "new");
        staged.close();
        assertEquals(files(OLD, "old"), contents(folder));
        assertThrows(IOException.class, staged::folder);
    }

    @Test
    void anEarlierResultIsReplacedAndNothingElse() throws IOException {
        write(folder, OLD, "old");
        write(folder, List.of("notes", "objects/2/notes"), "mine");
        replace(folder);
        TreeMap<String, String> expected = files(NEW, "new");
        expected.putAll(files(List.of("notes", "objects/2/notes"), "mine"));
        assertEquals(expected, contents(folder));
    }

    @Test
    void whatIsInTheWayIsToldBeforeAnythingChanges() throws IOException {
        write(folder, List.of("objects", "mask_0/a"), "mine");
        IOException e = assertThrows(IOException.class, () -> replace(folder));
        assertTrue(e.getMessage().contains("cannot be written"), e.getMessage());
        assertEquals(files(List.of("objects", "mask_0/a"), "mine"), contents(folder));
    }

    @Test
    void linksLeadNowhere() throws IOException {
        Path elsewhere = temporary.resolve("elsewhere");
        write(elsewhere, List.of("1/a"), "mine");
        write(folder, List.of("result"), "old");
        Files.createSymbolicLink(folder.resolve("objects"), elsewhere);
        assertThrows(IOException.class, () -> replace(folder));
        assertEquals(files(List.of("1/a"), "mine"), contents(elsewhere));
    }

    /** A folder from strangers may hold what looks like the leftovers of a process. */
    @Test
    void forgedLeftoversReachNothingOutside() throws IOException {
        Path precious = Files.writeString(temporary.resolve("precious"), "mine");
        write(folder.resolve(".sam2j-0123456789abcdef.out"), List.of("new/a"), "new");
        Files.writeString(folder.resolve(".sam2j-0123456789abcdef.out").resolve("replaced"), "a\0../precious");
        assertThrows(IOException.class, () -> StagedFiles.recover(folder));
        assertEquals("mine", Files.readString(precious));
    }

    @Test
    void unfinishedFilesOfTheLivingStay() throws IOException {
        Files.createDirectory(folder);
        try (StagedFiles one = StagedFiles.into(folder);
                StagedFiles other = StagedFiles.into(folder)) {
            write(one.folder(), NEW, "one");
            write(other.folder(), NEW, "other");
            StagedFiles.recover(folder);
            one.commit(List.of(), null);
            other.commit(List.of(), null);
        }
        assertEquals(files(NEW, "other"), contents(folder));
    }

    /** Waits to be killed at a given change of names. */
    static final class Killed {
        private Killed() {}

        public static void main(String[] args) throws IOException {
            int[] left = {Integer.parseInt(args[1])};
            StagedFiles.beforeMove = () -> {
                if (left[0]-- == 0) {
                    System.out.println("kill me");
                    while (true) {
                        LockSupport.park();
                    }
                }
            };
            replace(Path.of(args[0]));
        }
    }

    /** Replaces the result in another process; false if that needed no more than so many changes of names. */
    private static boolean isKilledAfter(int moves, Path folder) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Killed.class.getName(),
                        folder.toString(),
                        Integer.toString(moves))
                .redirectErrorStream(true)
                .start();
        String told = process.inputReader().readLine();
        process.destroyForcibly().waitFor();
        assertTrue(told == null || told.equals("kill me"), told);
        return told != null;
    }

    @Test
    void aKillAtAnyMomentLosesNothingAndMixesNothing() throws Exception {
        List<String> states = new ArrayList<>();
        boolean wasKilled = true;
        for (int moves = 0; wasKilled; moves++) {
            Path killed = temporary.resolve("killed" + moves);
            write(killed, OLD, "old");
            wasKilled = isKilledAfter(moves, killed);
            TreeMap<String, String> visible = contents(killed);
            visible.keySet().removeIf(name -> name.startsWith("."));
            boolean whole = visible.equals(files(OLD, "old")) || visible.equals(files(NEW, "new"));
            assertTrue(visible.values().stream().distinct().count() <= 1, "two results are mixed: " + visible);
            assertTrue(whole || !visible.containsKey("result"), "looks whole: " + visible);
            boolean committed = !visible.equals(files(OLD, "old"))
                    || contents(killed).keySet().stream().anyMatch(name -> name.contains(".out/"));
            StagedFiles.recover(killed);
            states.add(committed ? "new" : "old");
            assertEquals(committed ? files(NEW, "new") : files(OLD, "old"), contents(killed), "after " + moves);
        }
        assertTrue(states.size() > OLD.size() + NEW.size(), states.toString());
        assertEquals("old", states.get(0));
        assertEquals("new", states.get(1));
    }
}
