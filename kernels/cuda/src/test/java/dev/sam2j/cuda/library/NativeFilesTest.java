package dev.sam2j.cuda.library;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.BackendException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class NativeFilesTest {
    private static final byte[] CONTENT = new byte[300_000];

    static {
        new Random(1).nextBytes(CONTENT);
    }

    private final Map<String, byte[]> files = Map.of("libone.so", CONTENT, "libtwo.so", new byte[] {1, 2, 3});

    @TempDir
    Path folder;

    @Test
    void unpacksOnceIntoAFolderOfTheUsersOwn() throws IOException {
        Path natives = NativeFiles.unpack(folder.resolve("cache"), "v1", files);
        assertEquals(folder.resolve("cache/v1").toRealPath(), natives);
        assertArrayEquals(CONTENT, Files.readAllBytes(natives.resolve("libone.so")));
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("cache/v1"))));
        FileTime then = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(natives.resolve("libone.so"), then);
        NativeFiles.unpack(folder.resolve("cache"), "v1", files);
        assertEquals(then, Files.getLastModifiedTime(natives.resolve("libone.so")));
        assertEquals(List.of("libone.so", "libtwo.so"), names(natives));
    }

    @Test
    void replacesWhatIsNotTheExpectedFile() throws IOException {
        Path natives = NativeFiles.unpack(folder, "v1", files);
        byte[] tampered = CONTENT.clone();
        tampered[200_000]++;
        Files.write(natives.resolve("libone.so"), tampered);
        Files.write(natives.resolve("libtwo.so"), new byte[0]);
        NativeFiles.unpack(folder, "v1", files);
        assertArrayEquals(CONTENT, Files.readAllBytes(natives.resolve("libone.so")));
        assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(natives.resolve("libtwo.so")));
    }

    @Test
    void doesNotWriteThroughALink() throws IOException {
        Path natives = NativeFiles.unpack(folder, "v1", files);
        Path elsewhere = Files.write(folder.resolve("elsewhere"), CONTENT);
        Files.delete(natives.resolve("libtwo.so"));
        Files.createSymbolicLink(natives.resolve("libtwo.so"), elsewhere);
        NativeFiles.unpack(folder, "v1", files);
        assertArrayEquals(CONTENT, Files.readAllBytes(elsewhere));
        assertTrue(Files.isRegularFile(natives.resolve("libtwo.so"), java.nio.file.LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void refusesFoldersOthersCanChange() throws IOException {
        Path open = Files.createDirectory(folder.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertRefused("only this user can write to", open.resolve("v1"));
        Path inside = Files.createDirectory(folder.resolve("own"));
        Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("rwxr-xrwx"));
        assertRefused("only this user can write to", inside);
        Path target = Files.createDirectory(folder.resolve("target"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        assertRefused("got a link", link);
        Files.write(folder.resolve("file"), CONTENT);
        assertThrows(IOException.class, () -> NativeFiles.unpackInto(folder.resolve("file"), files));
    }

    @Test
    void usesATemporaryFolderWhereTheCacheIsUnsafeOrCannotBeMade() throws IOException {
        Files.write(folder.resolve("file"), CONTENT);
        Path natives = NativeFiles.unpack(folder.resolve("file"), "v1", files);
        assertNotEquals(folder.toRealPath(), natives.getParent());
        assertArrayEquals(CONTENT, Files.readAllBytes(natives.resolve("libone.so")));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(natives)));
        assertThrows(
                BackendException.class,
                () -> NativeFiles.unpack(folder.resolve("file"), "v1", Map.of("no/such/folder", CONTENT)));
    }

    @Test
    void manyAtOnceSeeWholeFiles() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 10; round++) {
                String name = "v" + round;
                CountDownLatch start = new CountDownLatch(1);
                List<Future<byte[]>> results = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    results.add(threads.submit(() -> {
                        start.await();
                        Path natives = NativeFiles.unpackInto(folder.resolve(name), files);
                        return Files.readAllBytes(natives.resolve("libone.so"));
                    }));
                }
                start.countDown();
                for (Future<byte[]> result : results) {
                    assertArrayEquals(CONTENT, result.get());
                }
                assertEquals(List.of("libone.so", "libtwo.so"), names(folder.resolve(name)));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void findsTheCache() {
        assertEquals(Path.of("/c/natives"), cache(Map.of("SAM2J_CACHE", "/c", "XDG_CACHE_HOME", "/x")));
        assertEquals(Path.of("/x/sam2j/natives"), cache(Map.of("XDG_CACHE_HOME", "/x")));
        assertEquals(Path.of("/home/me/.cache/sam2j/natives"), cache(Map.of("XDG_CACHE_HOME", "relative")));
    }

    private static Path cache(Map<String, String> environment) {
        Map<String, String> properties = Map.of("user.home", "/home/me");
        return NativeFiles.cacheFolder(new Host(Path.of("/"), "Linux", "amd64", properties::get, environment::get));
    }

    private void assertRefused(String reason, Path target) {
        String message = assertThrows(IOException.class, () -> NativeFiles.unpackInto(target, files))
                .getMessage();
        assertTrue(message.contains(reason), message);
    }

    private static List<String> names(Path natives) throws IOException {
        try (Stream<Path> entries = Files.list(natives)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
