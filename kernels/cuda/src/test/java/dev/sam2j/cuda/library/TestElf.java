package dev.sam2j.cuda.library;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes small shared libraries: tables for the dynamic linker and no code. */
public final class TestElf {
    private static final int ADDRESS = 0x10000;
    private static final int HEADERS = 64 + 2 * 56;

    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> offsets = new LinkedHashMap<>();
    private final List<long[]> dynamic = new ArrayList<>();
    private final List<String> versions = new ArrayList<>();

    TestElf() {
        strings.write(0);
    }

    public static TestElf named(String soname) {
        TestElf elf = new TestElf();
        elf.dynamic.add(new long[] {ElfFile.SONAME, elf.string(soname)});
        return elf;
    }

    /** Writes a library that needs others; its own name is that of the file. */
    static void write(Path file, String... needed) {
        TestElf elf = named(file.getFileName().toString());
        for (String name : needed) {
            elf.needs(name);
        }
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, elf.bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public TestElf needs(String library) {
        dynamic.add(new long[] {ElfFile.NEEDED, string(library)});
        return this;
    }

    /** Needs a symbol version that is called as the library. */
    public TestElf needsVersion(String library) {
        versions.add(library);
        string(library);
        return this;
    }

    /** Needs a library whose name is stored as the end of another string. */
    public TestElf needsEndOf(String longer, String library) {
        dynamic.add(new long[] {ElfFile.NEEDED, string(longer) + longer.length() - library.length()});
        return this;
    }

    private int string(String text) {
        return offsets.computeIfAbsent(text, t -> {
            int at = strings.size();
            strings.writeBytes(t.getBytes(StandardCharsets.UTF_8));
            strings.write(0);
            return at;
        });
    }

    public byte[] bytes() {
        byte[] names = strings.toByteArray();
        int versionsAt = HEADERS + (names.length + 7) / 8 * 8;
        int dynamicAt = versionsAt + versions.size() * 32;
        List<long[]> entries = new ArrayList<>(dynamic);
        entries.add(new long[] {ElfFile.STRING_TABLE, ADDRESS + HEADERS});
        entries.add(new long[] {ElfFile.STRING_TABLE_SIZE, names.length});
        if (!versions.isEmpty()) {
            entries.add(new long[] {ElfFile.VERSION_NEED, ADDRESS + versionsAt});
            entries.add(new long[] {ElfFile.VERSION_NEED_COUNT, versions.size()});
        }
        entries.add(new long[] {0, 0});
        int size = dynamicAt + entries.size() * 16;
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0x464c457f).put((byte) 2).put((byte) 1).put((byte) 1).position(16);
        out.putShort((short) 3).putShort((short) ElfFile.X86_64).putInt(1);
        out.putLong(32, 64).putShort(52, (short) 64).putShort(54, (short) 56).putShort(56, (short) 2);
        segment(out, 64, 1, 0, size);
        segment(out, 64 + 56, 2, dynamicAt, entries.size() * 16);
        out.position(HEADERS).put(names).position(versionsAt);
        for (int i = 0; i < versions.size(); i++) {
            int name = offsets.get(versions.get(i));
            boolean last = i + 1 == versions.size();
            out.putShort((short) 1).putShort((short) 1).putInt(name).putInt(16).putInt(last ? 0 : 32);
            out.putInt(ElfRetarget.hash(versions.get(i))).putShort((short) 0);
            out.putShort((short) 2).putInt(name).putInt(0);
        }
        entries.forEach(entry -> out.putLong(entry[0]).putLong(entry[1]));
        return out.array();
    }

    private static void segment(ByteBuffer out, int at, int type, long offset, long bytes) {
        out.putInt(at, type).putLong(at + 8, offset).putLong(at + 16, ADDRESS + offset);
        out.putLong(at + 32, bytes).putLong(at + 40, bytes);
    }
}
