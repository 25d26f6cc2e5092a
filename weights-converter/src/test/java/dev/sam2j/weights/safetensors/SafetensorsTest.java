package dev.sam2j.weights.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors.Entry;
import dev.sam2j.weights.torch.TorchCheckpointTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
    @TempDir
    Path folder;

    private static Map<String, Entry> sample() {
        Map<String, Entry> tensors = new LinkedHashMap<>();
        tensors.put("brain", new Entry(Shape.of(3), DType.BF16, new float[] {1, -2.5f, 0x1p100f}));
        tensors.put("matrix \"\u00e4\"", Entry.of(new float[] {1, 2, 3, 4, 5, Float.NaN}, 2, 3));
        tensors.put("half", new Entry(Shape.of(1, 1), DType.F16, new float[] {65504}));
        tensors.put("scalar", Entry.of(new float[] {-0.0f}));
        return tensors;
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path path = folder.resolve("a.safetensors");
        Safetensors.write(path, sample(), Map.of("format", "pt"));
        try (CheckpointFile file = Safetensors.open(path)) {
            assertEquals("safetensors", file.format());
            assertEquals(Map.of("format", "pt"), file.metadata());
            assertEquals(List.of("matrix \"\u00e4\"", "scalar", "brain", "half"), List.copyOf(file.names()));
            for (Map.Entry<String, Entry> tensor : sample().entrySet()) {
                Entry entry = tensor.getValue();
                TorchCheckpointTest.check(file, tensor.getKey(), entry.dtype(), entry.shape(), entry.values());
            }
        }
        byte[] bytes = Files.readAllBytes(path);
        assertEquals(0, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
        try (var files = Files.list(folder)) {
            assertEquals(List.of(path), files.toList());
        }
    }

    /** What a training run leaves: tensors under names of several kinds, and texts of any content in a given order. */
    @Test
    void namesWithSlashesAndTextsOfAnyContentAreKept() throws IOException {
        Map<String, Entry> tensors = new LinkedHashMap<>();
        tensors.put("parameter/mask_decoder.iou_token.weight", Entry.of(new float[] {1 / 3f, Float.MIN_VALUE}, 1, 2));
        tensors.put("adam.m/mask_decoder.iou_token.weight", Entry.of(new float[] {-0.0f, 1e-38f}, 1, 2));
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("step", "9223372036854775807");
        metadata.put("options", "{\"rate\": 1.0E-5,\n \"folder\": \"C:\\\\data\"}\t\u0007");
        metadata.put("best", "");
        metadata.put("\u00e4 \ud83d\ude00", "\u2028 \"");
        Path path = folder.resolve("state.safetensors");
        Safetensors.write(path, Safetensors.source("state", tensors), metadata);
        try (CheckpointFile file = Safetensors.open(path)) {
            assertEquals(List.copyOf(tensors.keySet()), List.copyOf(file.names()));
            assertEquals(
                    List.copyOf(metadata.entrySet()),
                    List.copyOf(file.metadata().entrySet()));
            tensors.forEach((name, entry) ->
                    TorchCheckpointTest.check(file, name, entry.dtype(), entry.shape(), entry.values()));
        }
        Path again = folder.resolve("again.safetensors");
        Safetensors.write(again, Safetensors.source("state", tensors), metadata);
        assertEquals(-1, Files.mismatch(path, again));
    }

    /** The bytes of the format's own example, by hand. */
    @Test
    void theFileIsTheFormats() throws IOException {
        Path path = folder.resolve("a.safetensors");
        Safetensors.write(path, Map.of("t", new Entry(Shape.of(1, 2), DType.F16, new float[] {1, -2})), Map.of());
        String header = "{\"t\":{\"dtype\":\"F16\",\"shape\":[1,2],\"data_offsets\":[0,4]}}";
        header += " ".repeat((8 - header.length() % 8) % 8);
        byte[] expected = file(header, new byte[] {0, 0x3c, 0, (byte) 0xc0});
        assertArrayEquals(expected, Files.readAllBytes(path));
    }

    @Test
    void longTensorsAreWrittenInPieces() {
        Path path = folder.resolve("long.safetensors");
        float[] values = new float[600_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 257 - 128;
        }
        Map<String, Entry> tensors = new LinkedHashMap<>();
        for (DType dtype : DType.values()) {
            tensors.put(dtype.name(), new Entry(Shape.of(values.length), dtype, values));
        }
        Safetensors.write(path, tensors, Map.of());
        try (CheckpointFile file = Safetensors.open(path)) {
            for (DType dtype : DType.values()) {
                TorchCheckpointTest.check(file, dtype.name(), dtype, Shape.of(values.length), values);
            }
        }
    }

    @Test
    void otherTypesAreSkippedAndCounted() throws IOException {
        Path path = write(
                "{\"n\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                        + "\"e\":{\"dtype\":\"F32\",\"shape\":[0,4],\"data_offsets\":[8,8]},"
                        + "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}   ",
                new byte[12]);
        try (CheckpointFile file = Safetensors.open(path)) {
            assertEquals(Set.of("w"), file.names());
            assertEquals(Map.of("n", "I64 [1]", "e", "F32 [0, 4]"), file.skipped());
            assertThrows(CheckpointException.class, () -> file.read("n", new float[1], 0));
        }
    }

    @Test
    void aFailedWriteLeavesWhatWasThere() throws IOException {
        Path path = folder.resolve("a.safetensors");
        Safetensors.write(path, sample(), Map.of());
        byte[] before = Files.readAllBytes(path);
        WeightSource broken = new WeightSource() {
            @Override
            public String description() {
                return "broken";
            }

            @Override
            public Set<String> names() {
                return Set.of("w");
            }

            @Override
            public Shape shape(String name) {
                return Shape.of(4);
            }

            @Override
            public DType dtype(String name) {
                return DType.F32;
            }

            @Override
            public void read(String name, float[] destination, int offset) {
                throw new IllegalStateException("the disk is on fire");
            }
        };
        assertThrows(IllegalStateException.class, () -> Safetensors.write(path, broken, Map.of()));
        assertArrayEquals(before, Files.readAllBytes(path));
        try (var files = Files.list(folder)) {
            assertEquals(List.of(path), files.toList());
        }
        Path nowhere = folder.resolve("missing").resolve("a.safetensors");
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> Safetensors.write(nowhere, sample(), Map.of()));
        assertEquals(nowhere + " cannot be written: there is no folder " + nowhere.getParent(), e.getMessage());
        CheckpointException onFolder =
                assertThrows(CheckpointException.class, () -> Safetensors.write(folder, sample(), Map.of()));
        assertTrue(onFolder.getMessage().contains("cannot be written"), onFolder.getMessage());
        try (var files = Files.list(folder)) {
            assertEquals(List.of(path), files.toList());
        }
    }

    @Test
    void anEntryHasTheValuesItsShapeNeeds() {
        assertThrows(IllegalArgumentException.class, () -> Entry.of(new float[3], 2, 2));
    }

    private static final String W = "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

    /** A good header for eight bytes, with one thing wrong; ' is a quotation mark, F32 short for dtype and shape. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{",
                "{}{}",
                "{'w':3}",
                "{'w':{}}",
                "{'w':null}",
                "{'w':[[[[[[[[[[[[]]]]]]]]]]]]}",
                "{'w':{'dtype':'F33','shape':[2],'data_offsets':[0,8]}}",
                "{'w':{'dtype':7,'shape':[2],'data_offsets':[0,8]}}",
                "{'w':{F32,[3],'data_offsets':[0,8]}}",
                "{'w':{'dtype':'F16','shape':[2],'data_offsets':[0,8]}}",
                "{'w':{F32,[-2],'data_offsets':[0,8]}}",
                "{'w':{F32,[2.0],'data_offsets':[0,8]}}",
                "{'w':{F32,['2'],'data_offsets':[0,8]}}",
                "{'w':{F32,[2],'data_offsets':[0,8,8]}}",
                "{'w':{F32,[2],'data_offsets':[8,0]}}",
                "{'w':{F32,[2],'data_offsets':[-8,0]}}",
                "{'w':{F32,[2],'data_offsets':[0,18446744073709551624]}}",
                "{'w':{F32,[2],'data_offsets':[0,99999999999999999999999999999999999999]}}",
                "{'w':{F32,[1],'data_offsets':[0,4]}}",
                "{'w':{F32,[1],'data_offsets':[4,8]}}",
                "{'w':{F32,[3],'data_offsets':[0,12]}}",
                "{'w':{F32,[4294967296,4294967296,2],'data_offsets':[0,8]}}",
                "{'w':{F32,[9223372036854775807,2],'data_offsets':[0,8]}}",
                "{'w':{F32,[4611686018427387906],'data_offsets':[0,8]}}",
                "{'w':{F32,[2],'data_offsets':[0,8],'more':1}}",
                "{'w':{F32,[2],'shape':[2],'data_offsets':[0,8]}}",
                "{'w':{F32,[2],'data_offsets':[0,8]},'w':{F32,[0],'data_offsets':[8,8]}}",
                "{'w':{F32,[2],'data_offsets':[0,8]},'v':{F32,[2],'data_offsets':[0,8]}}",
                "{'w':{F32,[2],'data_offsets':[0,8]},'v':{F32,[1],'data_offsets':[4,8]}}",
                "{'w':{F32,[1],'data_offsets':[0,4]},'v':{'dtype':'U8','shape':[3],'data_offsets':[5,8]}}",
                "{'w\\u001b':{F32,[2],'data_offsets':[0,8]}}",
                "{'__metadata__':{'a':1},'w':{F32,[2],'data_offsets':[0,8]}}",
                "{'__metadata__':[],'w':{F32,[2],'data_offsets':[0,8]}}",
                "{'w':{F32,[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],'data_offsets':[0,8]}}"
            })
    void badHeaders(String header) throws IOException {
        String json = header.replace("F32,", "'dtype':'F32','shape':").replace('\'', '"');
        fails(write(json, new byte[8]), "");
    }

    @Test
    void badHeaderLengths() throws IOException {
        byte[] good = file(W, new byte[8]);
        Safetensors.open(Files.write(folder.resolve("good"), good)).close();
        for (long length :
                new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, good.length, good.length - 7, 1L << 32}) {
            byte[] bad = good.clone();
            ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            fails(
                    Files.write(folder.resolve("bad"), bad),
                    "header length " + Long.toUnsignedString(length) + " does not fit");
        }
        fails(write(W + " ".repeat(17 << 20), new byte[8]), "more than the 16777216 allowed");
        fails(write("{\"" + "n".repeat(2000) + "\":" + W.substring(5), new byte[8]), "");
        fails(Files.write(folder.resolve("latin"), file("{\"\u0001\"", new byte[] {1})), "");
    }

    /** Both read as U+FFFD by a lenient decoder, which would make two tensors one. */
    @Test
    void headersAreUtf8() throws IOException {
        for (int last : new int[] {0xfe, 0xff}) {
            byte[] bytes = file(W, new byte[8]);
            bytes[10] = (byte) last;
            fails(Files.write(folder.resolve("latin"), bytes), "its header is not UTF-8");
        }
    }

    @Test
    void everyTruncation() throws IOException {
        byte[] good = file(W, new byte[8]);
        for (int length = 0; length < good.length; length++) {
            fails(Files.write(folder.resolve("cut"), Arrays.copyOf(good, length)), "");
        }
        fails(
                Files.write(folder.resolve("long"), Arrays.copyOf(good, good.length + 1)),
                "its tensors end at byte 8 of 9");
    }

    @Test
    void randomChanges() throws IOException {
        Path original = folder.resolve("a.safetensors");
        Safetensors.write(original, sample(), Map.of("format", "pt"));
        byte[] whole = Files.readAllBytes(original);
        Random random = new Random(7);
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] bytes = whole.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Path path = Files.write(folder.resolve("changed" + round), bytes);
            try (Checkpoints.Source source = Checkpoints.open(path)) {
                for (String name : source.names()) {
                    source.read(
                            name, new float[Math.toIntExact(source.shape(name).elements())], 0);
                }
            } catch (CheckpointException e) {
                assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
                refused++;
            }
            Files.delete(path); // rather than overwriting it, which is slow while it is mapped
        }
        assertTrue(refused > 1000, "only " + refused + " of 3000 changes were noticed");
    }

    private void fails(Path path, String reason) {
        CheckpointException e = assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThrows(
                        CheckpointException.class, () -> Checkpoints.open(path).close()));
        assertTrue(e.getMessage().startsWith(path + ": ") && e.getMessage().contains(reason), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }

    private Path write(String header, byte[] data) throws IOException {
        return Files.write(folder.resolve("file.safetensors"), file(header, data));
    }

    private static byte[] file(String header, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .put(data)
                .array();
    }
}
