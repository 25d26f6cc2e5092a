package dev.sam2j.weights.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.safetensors.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFileTest {
    private static final long GIB = 1L << 30;

    @TempDir
    Path folder;

    /** A file with holes, so that 5 GiB take no room. */
    private Path sparse(long... marks) throws IOException {
        Path path = folder.resolve("sparse");
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE, StandardOpenOption.WRITE)) {
            for (long mark : marks) {
                channel.write(
                        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, mark), mark);
            }
        }
        return path;
    }

    @Test
    void rangesMayLieAnywhereInAFileOfManyGigabytes() throws IOException {
        long[] marks = {8, GIB - 4, 2 * GIB - 4, 2 * GIB + 100, 3 * GIB - 8, 4 * GIB - 1, 5 * GIB - 8};
        try (InputFile file = InputFile.open(sparse(marks))) {
            assertEquals(5 * GIB, file.size());
            for (long mark : marks) {
                assertEquals(mark, file.buffer(mark, 8).getLong());
            }
            assertThrows(CheckpointException.class, () -> file.bytes(5 * GIB - 7, 8));
            assertThrows(CheckpointException.class, () -> file.bytes(-1, 8));
        }
    }

    @Test
    void copiesGoOnInAnInterruptedThreadAndEndWithTheFile() throws IOException {
        try (InputFile file = InputFile.open(sparse(GIB, 5 * GIB - 8))) {
            byte[] bytes = new byte[12];
            Thread.currentThread().interrupt();
            file.read(5 * GIB - 8, bytes, 0, 8);
            file.read(GIB - 4, bytes, 0, 12);
            assertEquals(true, Thread.interrupted());
            assertEquals(
                    GIB, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(4));
            assertThrows(IOException.class, () -> file.read(5 * GIB - 7, bytes, 0, 8));
            file.close();
            assertThrows(IllegalStateException.class, () -> file.read(0, bytes, 0, 8));
        }
    }

    /** A float32 tensor whose elements lie on both sides of 2 GiB, strided over the file. */
    @Test
    void tensorsMayBeStridedOverManyGigabytes() throws IOException {
        Path path = sparse(16, 16 + (5L << 28), 16 + (10L << 28));
        long[] strides = {5L << 26, 1};
        float[] values = new float[6];
        try (InputFile file = InputFile.open(path)) {
            DataRange data = DataRange.plain(file, 0, file.size());
            new StoredTensor(ElementType.F32, Shape.of(3, 2), strides, data, 16, ByteOrder.LITTLE_ENDIAN)
                    .read(values, 0);
        }
        for (int row = 0; row < 3; row++) {
            assertEquals((int) (16 + row * (5L << 28)), Float.floatToRawIntBits(values[2 * row]));
            assertEquals((int) (16 + row * (5L << 28) >>> 32), Float.floatToRawIntBits(values[2 * row + 1]));
        }
    }

    /** A whole safetensors file beyond 4 GiB: the offsets of its last tensor do not fit 32 bits. */
    @Test
    void safetensorsBeyondFourGigabytes() throws IOException {
        long first = 9 * (GIB / 2);
        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[3," + first / 12 + "],\"data_offsets\":[0," + first
                + "]}," + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" + first + "," + (first + 4)
                + "]}}";
        ByteBuffer head = ByteBuffer.allocate(8 + header.length())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length());
        head.put(header.getBytes(StandardCharsets.US_ASCII)).flip();
        Path path = folder.resolve("large.safetensors");
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE, StandardOpenOption.WRITE)) {
            ByteBuffer value =
                    ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 2.5f);
            channel.write(value, head.remaining() + first);
            channel.write(head, 0);
        }
        try (CheckpointFile file = Safetensors.open(path)) {
            float[] value = new float[1];
            file.read("b", value, 0);
            assertEquals(2.5f, value[0]);
        }
    }
}
