package dev.sam2j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.file.CheckpointFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives as Java's own reader of them sees them. */
class ZipWriterTest {
    @TempDir
    Path folder;

    @Test
    void entriesAreStoredWithTheirChecksums() throws IOException {
        Path path = folder.resolve("a.zip");
        byte[] content = "some bytes".getBytes();
        try (OutputStream out = Files.newOutputStream(path)) {
            ZipWriter zip = new ZipWriter(out, 64);
            zip.add("a/empty", new byte[0]);
            for (int length = 1; length < 70; length++) { // every place that the padding may have to fill
                zip.add("a/" + "\u00e4" + "x".repeat(length), content);
            }
            zip.finish();
        }
        try (ZipFile zip = new ZipFile(path.toFile())) {
            assertEquals(70, zip.size());
            for (ZipEntry entry : Collections.list(zip.entries())) {
                byte[] expected = entry.getName().equals("a/empty") ? new byte[0] : content;
                assertEquals(ZipEntry.STORED, entry.getMethod());
                assertEquals(ZipWriter.crc(out -> out.write(expected)), (int) entry.getCrc());
                assertArrayEquals(expected, zip.getInputStream(entry).readAllBytes());
                assertNull(entry.getExtra()); // of the directory: padding is in local headers only
            }
        }
    }

    @Test
    void moreEntriesThanSixteenBitsCount() throws IOException {
        Path path = folder.resolve("many.zip");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path))) {
            ZipWriter zip = new ZipWriter(out, 1);
            for (int i = 0; i < 70_000; i++) {
                zip.add("x" + i, new byte[] {(byte) i});
            }
            zip.finish();
        }
        try (ZipFile zip = new ZipFile(path.toFile())) {
            assertEquals(70_000, zip.size());
            assertArrayEquals(
                    new byte[] {(byte) 69_999},
                    zip.getInputStream(zip.getEntry("x69999")).readAllBytes());
        }
    }

    /** A storage of more than 4 GiB and one behind it, in a file that has holes where there are zeros. */
    @Test
    void sizesAndPlacesOfMoreThanThirtyTwoBits() throws IOException {
        Shape large = Shape.of((1 << 15) + 1, 1 << 15);
        byte[] small = TorchFiles.floats(1.5f, -2);
        byte[] pickle = new PickleWriter()
                .op('}', '(')
                .tensor("large", "FloatStorage", "0", large)
                .tensor("small", "FloatStorage", "1", Shape.of(2))
                .op('u', '.')
                .toBytes();
        Path path = folder.resolve("large.pt");
        try (SeekableByteChannel out = Files.newByteChannel(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            List<StoredEntry> entries = new ArrayList<>();
            entries.add(put(out, "archive/data.pkl", pickle.length, pickle));
            entries.add(put(out, "archive/data/0", 4 * large.elements(), new byte[0]));
            entries.add(put(out, "archive/data/1", small.length, small));
            long directory = out.position();
            for (StoredEntry entry : entries) {
                out.write(ByteBuffer.wrap(entry.directoryRecord()));
            }
            byte[] end = StoredEntry.endRecords(entries.size(), directory, out.position() - directory);
            out.write(ByteBuffer.wrap(end));
        }
        try (CheckpointFile file = TorchCheckpoint.open(path)) {
            assertEquals(large, file.shape("large"));
            TorchCheckpointTest.check(file, "small", DType.F32, Shape.of(2), 1.5f, -2);
        }
        try (ZipFile zip = new ZipFile(path.toFile())) {
            assertEquals(4 * large.elements(), zip.getEntry("archive/data/0").getSize());
            assertEquals(4 * large.elements(), zip.getEntry("archive/data/0").getCompressedSize());
            assertArrayEquals(
                    small, zip.getInputStream(zip.getEntry("archive/data/1")).readAllBytes());
        }
    }

    private static StoredEntry put(SeekableByteChannel out, String name, long size, byte[] content) throws IOException {
        StoredEntry entry = new StoredEntry(name, out.position(), size, ZipWriter.crc(data -> data.write(content)));
        out.write(ByteBuffer.wrap(entry.localHeader(64)));
        assertEquals(0, out.position() % 64);
        long end = out.position() + size;
        out.write(ByteBuffer.wrap(content));
        out.position(end);
        return entry;
    }
}
