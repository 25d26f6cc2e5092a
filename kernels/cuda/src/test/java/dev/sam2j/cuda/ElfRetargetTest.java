package dev.sam2j.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sam2j.cuda.library.ElfFile;
import dev.sam2j.cuda.library.ElfRetarget;
import dev.sam2j.cuda.library.TestElf;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElfRetargetTest {
    private static final String OLD = "libcublas.so.12";
    private static final String NEW = "libcublas.so.13";

    @TempDir
    Path folder;

    @Test
    void hashIsTheAbis() throws IOException {
        assertEquals(0x09691a75, ElfRetarget.hash("GLIBC_2.2.5"));
        byte[] library = jcublas();
        ByteBuffer buffer = ByteBuffer.wrap(library).order(ByteOrder.LITTLE_ENDIAN);
        for (ElfFile.Name name : ElfFile.of("JCublas2", library).versionNames()) {
            assertEquals(buffer.getInt((int) name.recordOffset()), ElfRetarget.hash(name.text()), name.text());
        }
    }

    @Test
    void retargetsTheRealLibrary() throws IOException {
        byte[] library = jcublas();
        byte[] result = ElfRetarget.replaceNeeded("JCublas2", library, OLD, NEW);
        ElfFile before = ElfFile.of("before", library);
        ElfFile after = ElfFile.of("after", result);
        assertEquals(replaced(before.needed()), after.needed());
        assertTrue(after.needed().contains(NEW));
        assertEquals(replaced(texts(before.versionFiles())), texts(after.versionFiles()));
        assertEquals(replaced(texts(before.versionNames())), texts(after.versionNames()));
        int changed = 0;
        for (int i = 0; i < library.length; i++) {
            changed += library[i] == result[i] ? 0 : 1;
        }
        // The last digit of the name and of its hash.
        assertEquals(2, changed);
    }

    @Test
    void readelfAgrees() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/readelf")), "readelf is not installed");
        Path file =
                Files.write(folder.resolve("library.so"), ElfRetarget.replaceNeeded("JCublas2", jcublas(), OLD, NEW));
        Process process = new ProcessBuilder("/usr/bin/readelf", "-d", "-V", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("readelf.txt").toFile())
                .start();
        assertEquals(0, process.waitFor());
        String text = Files.readString(folder.resolve("readelf.txt"));
        assertTrue(text.contains("(NEEDED)             Shared library: [" + NEW + "]"), text);
        assertTrue(text.contains("Name: " + NEW), text);
        assertFalse(text.contains(OLD), text);
        assertFalse(text.contains("Warning"), text);
    }

    @Test
    void refusesWhatItCannotDo() {
        byte[] other = TestElf.named("liba.so").needs("libc.so.6").bytes();
        assertRefused("expected a library that needs " + OLD, other);
        byte[] shared = TestElf.named("liba.so").needsEndOf("my-" + OLD, OLD).bytes();
        assertRefused("is the end of another", shared);
        assertRefused("ELF: a", new byte[3]);
        assertThrows(
                IllegalArgumentException.class, () -> ElfRetarget.replaceNeeded("a", other, OLD, "libcublas.so.9"));
    }

    @Test
    void changesNameAndHashOfVersions() throws IOException {
        byte[] library = TestElf.named("liba.so")
                .needs("libc.so.6")
                .needs(OLD)
                .needsVersion("libc.so.6")
                .needsVersion(OLD)
                .bytes();
        byte[] expected = TestElf.named("liba.so")
                .needs("libc.so.6")
                .needs(NEW)
                .needsVersion("libc.so.6")
                .needsVersion(NEW)
                .bytes();
        assertArrayEquals(expected, ElfRetarget.replaceNeeded("liba", library, OLD, NEW));
    }

    private static byte[] jcublas() throws IOException {
        try (InputStream stream =
                ElfRetargetTest.class.getResourceAsStream("/lib/libJCublas2-12.6.0-linux-x86_64.so")) {
            return stream.readAllBytes();
        }
    }

    private static List<String> replaced(List<String> names) {
        return names.stream().map(name -> name.equals(OLD) ? NEW : name).toList();
    }

    private static List<String> texts(List<ElfFile.Name> names) {
        return names.stream().map(ElfFile.Name::text).toList();
    }

    private static void assertRefused(String reason, byte[] library) {
        String message = assertThrows(IOException.class, () -> ElfRetarget.replaceNeeded("a", library, OLD, NEW))
                .getMessage();
        assertTrue(message.contains(reason), message);
    }
}
