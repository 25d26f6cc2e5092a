package dev.sam2j.cuda.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElfFileTest {
    private static final byte[] LIBRARY = TestElf.named("liba.so.1")
            .needs("libb.so.2")
            .needs("libc.so.6")
            .needsVersion("libb.so.2")
            .needsVersion("libc.so.6")
            .bytes();

    @TempDir
    Path folder;

    @Test
    void readsNamesFromMemoryAndFile() throws IOException {
        Path file = Files.write(folder.resolve("liba.so"), LIBRARY);
        for (ElfFile elf : List.of(ElfFile.of("liba.so", LIBRARY), ElfFile.read(file))) {
            assertEquals("liba.so.1", elf.soname());
            assertEquals(List.of("libb.so.2", "libc.so.6"), elf.needed());
            assertEquals(ElfFile.X86_64, elf.machine());
            assertEquals(
                    List.of("libb.so.2", "libc.so.6"),
                    elf.versionFiles().stream().map(ElfFile.Name::text).toList());
            assertEquals(
                    elf.needed(),
                    elf.versionNames().stream().map(ElfFile.Name::text).toList());
        }
        assertTrue(ElfFile.isLibrary(file));
        assertNull(
                ElfFile.of("nameless", new TestElf().needs("libc.so.6").bytes()).soname());
    }

    @Test
    void refusesOtherFiles() throws IOException {
        assertFalse(ElfFile.isLibrary(folder.resolve("missing.so")));
        assertFalse(ElfFile.isLibrary(folder));
        assertFalse(ElfFile.isLibrary(Files.write(folder.resolve("empty.so"), new byte[0])));
        assertRefused("expected a 64-bit", Arrays.copyOf("INPUT(libcublas.so.12)".getBytes(), 100));
        byte[] small = LIBRARY.clone();
        small[4] = 1;
        assertRefused("expected a 64-bit", small);
        byte[] program = LIBRARY.clone();
        program[16] = 2;
        assertRefused("expected a shared library", program);
        byte[] arm = LIBRARY.clone();
        arm[18] = (byte) 183;
        assertEquals(183, ElfFile.of("arm", arm).machine());
        assertFalse(ElfFile.isLibrary(Files.write(folder.resolve("arm.so"), arm)));
    }

    @Test
    void refusesTablesOutsideTheFile() throws IOException {
        assertRefused("program headers", with(32, Long.MAX_VALUE - 10));
        assertRefused("program headers", with(32, -1));
        // The dynamic section: its place and its size.
        assertRefused("dynamic section", with(64 + 56 + 8, LIBRARY.length));
        assertRefused("dynamic section", with(64 + 56 + 32, Long.MAX_VALUE));
        assertRefused("inside a loaded segment", with(64 + 16, 1L << 40));
        int entries =
                (int) ByteBuffer.wrap(LIBRARY).order(ByteOrder.LITTLE_ENDIAN).getLong(64 + 56 + 8);
        assertRefused("expected a string", with(entries + 8, 1 << 20));
        assertRefused("expected a string", with(entries + 8, -5));
        assertRefused("expected strings", with(entries + 4 * 16 + 8, 1L << 40));
        assertRefused("version needs", with(entries + 6 * 16 + 8, 1L << 30));
    }

    @Test
    void neitherTruncatedNorScrambledFilesDoHarm() {
        for (int length = 0; length < LIBRARY.length; length++) {
            readOrRefuse(Arrays.copyOf(LIBRARY, length));
        }
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            byte[] scrambled = LIBRARY.clone();
            for (int i = 0; i <= round % 5; i++) {
                scrambled[random.nextInt(scrambled.length)] = (byte) random.nextInt();
            }
            readOrRefuse(scrambled);
        }
    }

    private static void readOrRefuse(byte[] image) {
        try {
            ElfFile.of("odd", image);
        } catch (IOException e) {
            assertTrue(e.getMessage().startsWith("ELF: odd: "), e.getMessage());
        }
    }

    private static byte[] with(int at, long value) {
        byte[] changed = LIBRARY.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
        return changed;
    }

    private static void assertRefused(String reason, byte[] image) {
        String message =
                assertThrows(IOException.class, () -> ElfFile.of("odd", image)).getMessage();
        assertTrue(message.contains(reason), message);
    }
}
