package dev.sam2j.weights.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** Writes zip archives field by field, so that a test can make any of them lie. */
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
        long crc;
    }

    public Record add(String name, byte[] content) {
        return add(name, content, name, 0);
    }

    public Record add(String name, byte[] content, String localName, int localMethod) {
        CRC32 crc = new CRC32();
        crc.update(content);
        Record record = new Record();
        record.name = name;
        record.offset = body.size();
        record.size = content.length;
        record.compressedSize = content.length;
        record.method = localMethod;
        record.crc = crc.getValue();
        directory.add(record);
        byte[] nameBytes = localName.getBytes(StandardCharsets.UTF_8);
        ByteBuffer header = little(30);
        header.putInt(0x04034b50)
                .putShort((short) 20)
                .putShort((short) record.flags)
                .putShort((short) localMethod)
                .putInt(0);
        header.putInt((int) record.crc)
                .putInt(content.length)
                .putInt(content.length)
                .putShort((short) nameBytes.length);
        body.writeBytes(header.array());
        body.writeBytes(nameBytes);
        body.writeBytes(content);
        return record;
    }

    byte[] toBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(body.toByteArray());
        for (Record record : directory) {
            byte[] name = record.name.getBytes(StandardCharsets.UTF_8);
            ByteBuffer header = little(46);
            header.putInt(0x02014b50).putShort((short) 20).putShort((short) 20).putShort((short) record.flags);
            header.putShort((short) record.method)
                    .putInt(0)
                    .putInt((int) record.crc)
                    .putInt((int) record.compressedSize);
            header.putInt((int) record.size).putShort((short) name.length).putInt(42, (int) record.offset);
            out.writeBytes(header.array());
            out.writeBytes(name);
        }
        int directorySize = out.size() - body.size();
        ByteBuffer end = little(22);
        short entries = (short) (directory.size() + extraEntries);
        end.putInt(0x06054b50).putShort((short) disks).putShort((short) disks);
        end.putShort(entries).putShort(entries);
        end.putInt(directorySize + extraBytes).putInt(body.size());
        out.writeBytes(end.array());
        return out.toByteArray();
    }

    public Path write(Path path) throws IOException {
        return Files.write(path, toBytes());
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
