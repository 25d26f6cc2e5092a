package dev.sam2j.cuda.library;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;

/** Makes a shared library need another version of a library: {@code libcublas.so.13} in place of {@code .12}. */
public final class ElfRetarget {
    private ElfRetarget() {}

    /**
     * A copy of a library in which one needed library has another name of equal length, also as the name of the symbol
     * versions needed of it. Nothing else changes, so no table moves.
     *
     * @param title the library's name for errors
     * @throws IOException if it does not need {@code from}, or shares that text with another name, or is no library
     */
    public static byte[] replaceNeeded(String title, byte[] library, String from, String to) throws IOException {
        byte[] replacement = to.getBytes(StandardCharsets.US_ASCII);
        if (replacement.length != from.length()) {
            throw new IllegalArgumentException(
                    "ELF: name: expected the length of " + from + ", got " + to + " of another");
        }
        ElfFile elf = ElfFile.of(title, library);
        byte[] result = library.clone();
        Set<Long> strings = new LinkedHashSet<>();
        for (ElfFile.Name name : elf.neededNames()) {
            addIf(name, from, strings);
        }
        if (strings.isEmpty()) {
            throw new IOException("ELF: " + title + ": expected a library that needs " + from + ", got one that needs "
                    + elf.needed());
        }
        for (ElfFile.Name name : elf.versionFiles()) {
            addIf(name, from, strings);
        }
        ByteBuffer buffer = ByteBuffer.wrap(result).order(ByteOrder.LITTLE_ENDIAN);
        for (ElfFile.Name name : elf.versionNames()) {
            if (addIf(name, from, strings)) {
                buffer.putInt(Math.toIntExact(name.recordOffset()), hash(to));
            }
        }
        for (long offset : strings) {
            int at = Math.toIntExact(offset);
            // Linkers store a name that another ends with inside the longer one.
            if (at == 0 || library[at - 1] != 0) {
                throw new IOException("ELF: " + title + ": the name " + from + " is the end of another");
            }
            System.arraycopy(replacement, 0, result, at, replacement.length);
        }
        return result;
    }

    private static boolean addIf(ElfFile.Name name, String wanted, Set<Long> strings) {
        boolean same = name.text().equals(wanted);
        if (same) {
            strings.add(name.stringOffset());
        }
        return same;
    }

    /** The hash of a version's name, as the System V ABI defines it. */
    public static int hash(String name) {
        int h = 0;
        for (byte b : name.getBytes(StandardCharsets.US_ASCII)) {
            h = (h << 4) + Byte.toUnsignedInt(b);
            int high = h & 0xf0000000;
            h = (h ^ high >>> 24) & ~high;
        }
        return h;
    }
}
