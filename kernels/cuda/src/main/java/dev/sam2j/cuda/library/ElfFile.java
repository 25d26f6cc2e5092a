package dev.sam2j.cuda.library;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the dynamic linker reads of a 64-bit little-endian shared library: its own name, the libraries it needs and the
 * symbol versions it needs of them. Only the tables are read, so that libraries of half a gigabyte cost nothing; every
 * offset is checked against the file, and tables of unlikely size are refused.
 */
public final class ElfFile {
    /** {@code e_machine} of x86-64. */
    static final int X86_64 = 62;

    static final long NEEDED = 1;
    static final long STRING_TABLE = 5;
    static final long STRING_TABLE_SIZE = 10;
    static final long SONAME = 14;
    static final long VERSION_NEED = 0x6ffffffe;
    static final long VERSION_NEED_COUNT = 0x6fffffff;

    private static final int SHARED_OBJECT = 3;
    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;
    private static final int HEADER_BYTES = 64;
    private static final int SEGMENT_BYTES = 56;
    private static final int ENTRY_BYTES = 16;
    private static final int MOST_SEGMENTS = 1024;
    private static final int MOST_DYNAMIC_BYTES = 1 << 16;
    private static final int MOST_STRING_BYTES = 1 << 26;
    private static final int MOST_VERSIONS = 4096;

    /** A name that a table of the file refers to: the string, its place in the file, the record that refers to it. */
    public record Name(String text, long stringOffset, long recordOffset) {}

    private record Segment(long offset, long address, long bytes) {}

    private interface Source {
        long size();

        ByteBuffer read(long offset, int bytes) throws IOException;
    }

    private final String title;
    private final Source source;
    private final List<Segment> segments = new ArrayList<>();
    private final List<Name> needed = new ArrayList<>();
    private final List<Name> versionFiles = new ArrayList<>();
    private final List<Name> versionNames = new ArrayList<>();
    private final int machine;
    private Name soname;
    private long strings;
    private byte[] stringTable = new byte[0];

    /**
     * Reads the tables of a file.
     *
     * @throws IOException if it cannot be read or is not a 64-bit shared library, with the reason
     */
    static ElfFile read(Path file) throws IOException {
        // A channel would be closed if this thread were interrupted.
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r")) {
            long size = opened.length();
            return new ElfFile(file.toString(), new Source() {
                @Override
                public long size() {
                    return size;
                }

                @Override
                public ByteBuffer read(long offset, int bytes) throws IOException {
                    byte[] copy = new byte[bytes];
                    opened.seek(offset);
                    if (opened.read(copy) < bytes) {
                        throw new EOFException("ELF: " + file + ": the file became shorter while it was read");
                    }
                    return ByteBuffer.wrap(copy);
                }
            });
        }
    }

    /** Reads the tables of a library in memory; {@code title} names it in errors. */
    public static ElfFile of(String title, byte[] image) throws IOException {
        return new ElfFile(title, new Source() {
            @Override
            public long size() {
                return image.length;
            }

            @Override
            public ByteBuffer read(long offset, int bytes) {
                return ByteBuffer.wrap(image, (int) offset, bytes).slice();
            }
        });
    }

    /** Whether a file is a shared library for 64-bit x86 processors; false for anything else, also what is missing. */
    static boolean isLibrary(Path file) {
        try {
            return Files.isRegularFile(file) && read(file).machine == X86_64;
        } catch (IOException e) {
            return false;
        }
    }

    private ElfFile(String title, Source source) throws IOException {
        this.title = title;
        this.source = source;
        ByteBuffer header = bytes(0, HEADER_BYTES, "header");
        if (header.getInt(0) != 0x464c457f || header.get(4) != 2 || header.get(5) != 1) {
            throw broken("expected a 64-bit little-endian ELF file");
        }
        if (u16(header, 16) != SHARED_OBJECT) {
            throw broken("expected a shared library, got an ELF file of type " + u16(header, 16));
        }
        this.machine = u16(header, 18);
        Segment dynamic = readSegments(header);
        if (dynamic == null) {
            throw broken("expected a dynamic section, got none");
        }
        readDynamic(dynamic);
    }

    /** The processor it is for, {@code e_machine}. */
    int machine() {
        return machine;
    }

    /** Its own name, or null if it has none. */
    String soname() {
        return soname == null ? null : soname.text;
    }

    /** The libraries it needs, in order. */
    public List<String> needed() {
        return needed.stream().map(Name::text).toList();
    }

    /** References to libraries it needs; a record is the dynamic section's entry. */
    List<Name> neededNames() {
        return needed;
    }

    /** References to the libraries whose symbol versions it needs; a record is an {@code Elf64_Verneed}. */
    public List<Name> versionFiles() {
        return versionFiles;
    }

    /** References to the symbol versions it needs; a record is an {@code Elf64_Vernaux}. */
    public List<Name> versionNames() {
        return versionNames;
    }

    private Segment readSegments(ByteBuffer header) throws IOException {
        int count = u16(header, 56);
        if (u16(header, 54) != SEGMENT_BYTES || count > MOST_SEGMENTS) {
            throw broken("expected up to " + MOST_SEGMENTS + " program headers of " + SEGMENT_BYTES + " bytes, got "
                    + count + " of " + u16(header, 54));
        }
        ByteBuffer table = bytes(header.getLong(32), count * SEGMENT_BYTES, "program headers");
        Segment dynamic = null;
        for (int i = 0; i < count; i++) {
            int at = i * SEGMENT_BYTES;
            Segment segment = new Segment(table.getLong(at + 8), table.getLong(at + 16), table.getLong(at + 32));
            if (table.getInt(at) == LOAD) {
                segments.add(segment);
            } else if (table.getInt(at) == DYNAMIC) {
                dynamic = segment;
            }
        }
        return dynamic;
    }

    private void readDynamic(Segment dynamic) throws IOException {
        if (dynamic.bytes < 0 || dynamic.bytes > MOST_DYNAMIC_BYTES) {
            throw broken("expected a dynamic section of up to " + MOST_DYNAMIC_BYTES + " bytes, got " + dynamic.bytes);
        }
        int count = (int) dynamic.bytes / ENTRY_BYTES;
        ByteBuffer table = bytes(dynamic.offset, count * ENTRY_BYTES, "dynamic section");
        long stringBytes = value(table, count, STRING_TABLE_SIZE, 0);
        if (stringBytes < 0 || stringBytes > MOST_STRING_BYTES) {
            throw broken("expected strings of up to " + MOST_STRING_BYTES + " bytes, got " + stringBytes);
        }
        if (stringBytes > 0) {
            strings = fileOffset(value(table, count, STRING_TABLE, 0), "strings");
            ByteBuffer read = bytes(strings, (int) stringBytes, "strings");
            stringTable = new byte[(int) stringBytes];
            read.get(0, stringTable);
        }
        for (int i = 0; i < count && table.getLong(i * ENTRY_BYTES) != 0; i++) {
            long tag = table.getLong(i * ENTRY_BYTES);
            long record = dynamic.offset + (long) i * ENTRY_BYTES;
            if (tag == NEEDED) {
                needed.add(name(table.getLong(i * ENTRY_BYTES + 8), record));
            } else if (tag == SONAME) {
                soname = name(table.getLong(i * ENTRY_BYTES + 8), record);
            }
        }
        long versions = value(table, count, VERSION_NEED_COUNT, 0);
        if (versions < 0 || versions > MOST_VERSIONS) {
            throw broken("expected version needs of up to " + MOST_VERSIONS + " files, got " + versions);
        }
        if (versions > 0) {
            readVersions(fileOffset(value(table, count, VERSION_NEED, 0), "version needs"), (int) versions);
        }
    }

    private void readVersions(long at, int files) throws IOException {
        long file = at;
        for (int i = 0; i < files; i++) {
            ByteBuffer need = bytes(file, ENTRY_BYTES, "version needs");
            versionFiles.add(name(u32(need, 4), file));
            int names = u16(need, 2);
            long version = file + u32(need, 8);
            for (int j = 0; j < names; j++) {
                ByteBuffer auxiliary = bytes(version, ENTRY_BYTES, "version needs");
                versionNames.add(name(u32(auxiliary, 8), version));
                if (versionNames.size() > MOST_VERSIONS) {
                    throw broken("expected up to " + MOST_VERSIONS + " needed versions, got more");
                }
                version += u32(auxiliary, 12);
            }
            file += u32(need, 12);
        }
    }

    private static long value(ByteBuffer table, int count, long tag, long fallback) {
        for (int i = 0; i < count && table.getLong(i * ENTRY_BYTES) != 0; i++) {
            if (table.getLong(i * ENTRY_BYTES) == tag) {
                return table.getLong(i * ENTRY_BYTES + 8);
            }
        }
        return fallback;
    }

    private Name name(long index, long record) throws IOException {
        if (index < 0 || index >= stringTable.length) {
            throw broken("expected a string below " + stringTable.length + ", got " + index);
        }
        int end = (int) index;
        while (end < stringTable.length && stringTable[end] != 0) {
            end++;
        }
        if (end == stringTable.length) {
            throw broken("expected a string that ends inside its table");
        }
        String text = new String(stringTable, (int) index, end - (int) index, StandardCharsets.UTF_8);
        return new Name(text, strings + index, record);
    }

    private long fileOffset(long address, String what) throws IOException {
        for (Segment segment : segments) {
            long into = address - segment.address;
            if (into >= 0 && into < segment.bytes) {
                return segment.offset + into;
            }
        }
        throw broken("expected " + what + " inside a loaded segment, got the address 0x" + Long.toHexString(address));
    }

    private ByteBuffer bytes(long offset, int bytes, String what) throws IOException {
        if (offset < 0 || offset > source.size() - bytes) {
            throw broken(
                    "expected the " + what + " inside its " + source.size() + " bytes, got " + bytes + " at " + offset);
        }
        return source.read(offset, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private IOException broken(String what) {
        return new IOException("ELF: " + title + ": " + what);
    }

    private static int u16(ByteBuffer buffer, int at) {
        return Short.toUnsignedInt(buffer.getShort(at));
    }

    private static long u32(ByteBuffer buffer, int at) {
        return Integer.toUnsignedLong(buffer.getInt(at));
    }
}
