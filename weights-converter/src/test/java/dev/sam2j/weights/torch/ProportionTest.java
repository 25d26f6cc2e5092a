package dev.sam2j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.checkpoint.Checkpoints;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small files made to cost much: each is refused in time and memory that go with its size. */
class ProportionTest {
    private static final long FIXED = 32 << 20;

    @TempDir
    Path folder;

    private void refused(Path path, String reason) throws IOException {
        long limit = FIXED + 10 * Files.size(path); // of all that is allocated, most of which is garbage at once
        long[] allocated = new long[1];
        CheckpointException e = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            long before = allocated();
            CheckpointException thrown = assertThrows(CheckpointException.class, () -> Checkpoints.open(path));
            allocated[0] = allocated() - before;
            return thrown;
        });
        assertTrue(e.getMessage().contains(reason), e.getMessage());
        assertTrue(allocated[0] <= limit, allocated[0] + " bytes for a file of " + Files.size(path));
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private Path zipped(PickleWriter pickle) throws IOException {
        return TorchFiles.zip(pickle.op('.').toBytes(), TorchFiles.floats(1)).write(folder.resolve("file.pt"));
    }

    /** Whole and broken numbers of one hash: 182 s before they were forgotten at once. */
    @Test
    void keysOfTwoKindsThatCollide() throws IOException {
        PickleWriter pickle = new PickleWriter().op('}');
        for (long i = 0; i < 50_000; i++) {
            pickle.number(i << 32 | i).op('N', 's');
            long half = 0x40000000L | i;
            pickle.op('G').little(Long.reverseBytes(half << 32 | half), 8).op('N', 's');
        }
        refused(zipped(pickle), "holds no weights");
    }

    @Test
    void namesThatCollide() throws IOException {
        PickleWriter pickle = new PickleWriter().op('}');
        for (int i = 0; i < 15_000; i++) {
            pickle.text(colliding(i)).op('N', 's');
        }
        refused(zipped(pickle), "holds no weights");
    }

    @Test
    void tensorsWithoutEnd() throws IOException {
        PickleWriter pickle = new PickleWriter().op('}', '(');
        pickle.tensor("first tensor", "FloatStorage", "0", 1, 0, new long[] {1}, new long[] {1})
                .op('q', 0, 'u');
        for (int i = 0; i < 480_000; i++) {
            pickle.text(Integer.toString(i, 36)).op('h', 0, 's');
        }
        refused(zipped(pickle), "its dictionaries have more than 20000 items");
    }

    @Test
    void globalsWithoutEnd() throws IOException {
        PickleWriter pickle = new PickleWriter()
                .text("m".repeat(250))
                .op('q', 0)
                .text("n".repeat(250))
                .op('q', 1, '(');
        for (int i = 0; i < 30_000; i++) {
            pickle.op('h', 0, 'h', 1, 0x93);
        }
        refused(zipped(pickle), "leaves values behind");
    }

    @Test
    void entriesWithoutEnd() throws IOException {
        RawZip zip = new RawZip();
        for (int i = 0; i < 60_000; i++) {
            zip.add("a/" + i, new byte[0]);
        }
        refused(zip.write(folder.resolve("entries.pt")), "more than the 20000");
    }

    @Test
    void headersOfSafetensors() throws IOException {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < 60_000; i++) {
            header.append('"')
                    .append(colliding(i))
                    .append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},");
        }
        refused(safetensors(header), "more than 50000 entries");
        StringBuilder metadata = new StringBuilder("{\"__metadata__\":{");
        for (int i = 0; i < 60_000; i++) {
            metadata.append('"').append(colliding(i)).append("\":\"\",");
        }
        refused(safetensors(metadata), "more than 50000 entries");
        refused(safetensors(new StringBuilder("{\"a\":" + "[],".repeat(3_000_000))), "START_ARRAY where START_OBJECT");
        refused(safetensors(new StringBuilder("{\"a\":{\"shape\":" + "[".repeat(3_000_000))), "START_ARRAY where");
    }

    @Test
    void anIndexOfNothing() throws IOException {
        Path index = folder.resolve("x.index.json");
        Files.writeString(index, "{\"x\":[" + "[],".repeat(5_000_000) + "[]]}");
        refused(index, "it has no weight_map");
        Files.writeString(index, "{\"x\":" + "[".repeat(5_000_000));
        refused(index, "it is not JSON");
    }

    /** Deflate makes a thousand bytes of one, so a tensor far inside would be inflated to again and again. */
    @Test
    void tensorsAtTheEndOfWhatHasToBeInflated() throws IOException {
        int elements = 10_000_000;
        PickleWriter pickle = new PickleWriter().op('}', '(');
        for (int i = 0; i < 100; i++) {
            pickle.tensor("w" + i, "FloatStorage", "0", elements, elements - 1, new long[] {1}, new long[] {1});
        }
        Path path = folder.resolve("bomb.pt");
        try (OutputStream file = Files.newOutputStream(path);
                var zip = new ZipOutputStream(file)) {
            zip.putNextEntry(new ZipEntry("a/data.pkl"));
            zip.write(pickle.op('u', '.').toBytes());
            zip.putNextEntry(new ZipEntry("a/data/0"));
            byte[] zeros = new byte[1_000_000];
            for (int i = 0; i < elements * 4L / zeros.length; i++) {
                zip.write(zeros);
            }
        }
        refused(path, "its compressed storage is too large to be read again for every tensor");
    }

    /** Texts of equal hash: Aa and BB have the same one, and so have all that consist of them. */
    private static String colliding(int index) {
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < 16; bit++) {
            text.append((index >> bit & 1) == 0 ? "Aa" : "BB");
        }
        return text.toString();
    }

    private Path safetensors(StringBuilder header) throws IOException {
        byte[] text = header.toString().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer file = ByteBuffer.allocate(8 + text.length).order(ByteOrder.LITTLE_ENDIAN);
        return Files.write(
                folder.resolve("file.safetensors"),
                file.putLong(text.length).put(text).array());
    }
}
