package dev.sam2j.weights.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** Writes zip archives any field of which a test can make lie. */
public final class RawZip {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final List<Record> directory = new ArrayList<>();

    /** What the end record says too much of: parts of the archive, entries, bytes of the directory. */
    int disks;

    int extraEntries;
    int extraBytes;

    /** What the directory says about an entry; a test may change it before {@link #toBytes}. */
    static final class Record {
        String name;
        long offset;
        long size;
        long compressedSize;
        int method;
        int flags = 0x0800;
        int crc;
    }

    public Record add(String name, byte[] content) {
        return add(name, content, name, 0);
    }

    public Record add(String name, byte[] content, String localName, int localMethod) {
        Record record = new Record();
        record.name = name;
        record.offset = body.size();
        record.size = content.length;
        record.compressedSize = content.length;
        record.method = localMethod;
        CRC32 crc = new CRC32();
        crc.update(content);
        record.crc = (int) crc.getValue();
        directory.add(record);
        byte[] header = new StoredEntry(localName, record.offset, record.size, record.crc).localHeader(1);
        little(header).putShort(8, (short) localMethod);
        body.writeBytes(header);
        body.writeBytes(content);
        return record;
    }

    byte[] toBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(body.toByteArray());
        for (Record record : directory) {
            byte[] written = new StoredEntry(record.name, record.offset, record.size, record.crc).directoryRecord();
            little(written)
                    .putShort(8, (short) record.flags)
                    .putShort(10, (short) record.method)
                    .putInt(20, (int) record.compressedSize);
            out.writeBytes(written);
        }
        int length = out.size() - body.size() + extraBytes;
        byte[] end = StoredEntry.endRecords(directory.size() + extraEntries, body.size(), length);
        little(end).putShort(4, (short) disks).putShort(6, (short) disks);
        out.writeBytes(end);
        return out.toByteArray();
    }

    public Path write(Path path) throws IOException {
        return Files.write(path, toBytes());
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
