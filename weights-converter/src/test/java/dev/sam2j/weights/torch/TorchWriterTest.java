package dev.sam2j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.common.io.StagedFiles;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.file.InputFile;
import dev.sam2j.weights.safetensors.Safetensors;
import dev.sam2j.weights.safetensors.Safetensors.Entry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchWriterTest {
    @TempDir
    Path folder;

    private static Map<String, Entry> tensors() {
        float[] odd = {-0.0f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NaN, Float.NEGATIVE_INFINITY, 1 / 3f};
        float[] many = new float[100_001];
        for (int i = 0; i < many.length; i++) {
            many[i] = i % 257 - 128;
        }
        Map<String, Entry> tensors = new LinkedHashMap<>();
        tensors.put("scalar", new Entry(Shape.of(), DType.F32, new float[] {2.5f}));
        tensors.put("half", new Entry(Shape.of(3), DType.F16, new float[] {1, -2.5f, 65504}));
        tensors.put("matrix \"\u00e4\"", Entry.of(odd, 2, 3));
        tensors.put("brain", new Entry(Shape.of(1, 3, 1), DType.BF16, new float[] {1, -2.5f, 0x1p100f}));
        tensors.put("many", Entry.of(many, 1, many.length));
        return tensors;
    }

    private static WeightSource source() {
        return Safetensors.source("source", tensors());
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path path = folder.resolve("a.pt");
        TorchWriter.write(path, source());
        try (CheckpointFile file = TorchCheckpoint.open(path)) {
            assertEquals("torch", file.format());
            assertEquals(List.copyOf(tensors().keySet()), List.copyOf(file.names()));
            assertEquals(Map.of(), file.skipped());
            tensors()
                    .forEach((name, entry) ->
                            TorchCheckpointTest.check(file, name, entry.dtype(), entry.shape(), entry.values()));
            assertEquals(0x80000000, Float.floatToRawIntBits(file.read("matrix \"\u00e4\"")[0]));
        }
        assertEquals(List.of("a.pt"), names());
    }

    @Test
    void entriesAreThoseOfTorchAndAligned() {
        Path path = folder.resolve("a.pt");
        TorchWriter.write(path, source());
        try (InputFile file = InputFile.open(path)) {
            TorchArchive archive = TorchArchive.read(file);
            List<String> expected = List.of(
                    "archive/data.pkl",
                    "archive/byteorder",
                    "archive/data/0",
                    "archive/data/1",
                    "archive/data/2",
                    "archive/data/3",
                    "archive/data/4",
                    "archive/version");
            assertEquals(expected, List.copyOf((Set<String>) archive.names()));
            for (String name : expected) {
                assertEquals(0, archive.get(name).position() % 64, name);
            }
        }
    }

    @Test
    void equalTensorsMakeEqualBytes() throws IOException {
        TorchWriter.write(folder.resolve("a.pt"), source());
        TorchWriter.write(folder.resolve("other.pt"), Safetensors.source("other", tensors()));
        assertEquals(-1, Files.mismatch(folder.resolve("a.pt"), folder.resolve("other.pt")));
    }

    /** Forwards to a source and does something before each answer. */
    private static class Disturbed implements WeightSource {
        private final WeightSource source;
        private final Consumer<String> before;

        Disturbed(WeightSource source, Consumer<String> before) {
            this.source = source;
            this.before = before;
        }

        @Override
        public String description() {
            return source.description();
        }

        @Override
        public Set<String> names() {
            return source.names();
        }

        @Override
        public Shape shape(String name) {
            before.accept("shape");
            return source.shape(name);
        }

        @Override
        public DType dtype(String name) {
            before.accept("dtype");
            return source.dtype(name);
        }

        @Override
        public void read(String name, float[] destination, int offset) {
            before.accept("read");
            source.read(name, destination, offset);
        }
    }

    @Test
    void whatCannotBeWrittenLeavesTheOldFile() throws IOException {
        fails(
                new Disturbed(source(), call -> {
                    if (call.equals("read")) {
                        throw new CheckpointException(Path.of("in.pt"), "the file changed");
                    }
                }),
                "in.pt: the file changed");
        String start = folder.resolve("a.pt") + ": the file was written but reading it back failed: ";
        fails(Safetensors.source("none", Map.of()), start + "the checkpoint holds no weights");
        fails(
                Safetensors.source("bad", Map.of("a\u001b[2Jb", Entry.of(new float[1], 1))),
                start + "a tensor has the name a\\u001b[2Jb, which is not printable");
        boolean[] isRead = new boolean[1];
        WeightSource flat = Safetensors.source("flat", Map.of("w", Entry.of(new float[2], 2)));
        fails(
                new Disturbed(flat, call -> isRead[0] |= call.equals("read")) {
                    @Override
                    public Shape shape(String name) {
                        return isRead[0] ? Shape.of(1, 2) : Shape.of(2);
                    }
                },
                start + "tensor w is not what was written");
    }

    @Test
    void whatTheDiskHasChangedIsNoticed() throws IOException {
        WeightSource source = Safetensors.source("source", Map.of("w", Entry.of(new float[] {1, 2}, 2)));
        boolean[] isWritten = new boolean[1];
        fails(
                new Disturbed(source, call -> {
                    if (isWritten[0] && call.equals("dtype")) {
                        flipABit();
                    }
                    isWritten[0] |= call.equals("read");
                }),
                folder.resolve("a.pt") + ": the file was written but reading it back failed: tensor w is not what");
    }

    /** Changes a value in the file that has no name yet. */
    private void flipABit() {
        try (var files = Files.list(folder)) {
            Path temporary = files.filter(file -> file.toString().endsWith(".tmp"))
                    .findFirst()
                    .orElseThrow();
            long position;
            try (InputFile written = InputFile.open(temporary)) {
                position = TorchArchive.read(written).get("archive/data/0").position();
            }
            try (RandomAccessFile changed = new RandomAccessFile(temporary.toFile(), "rw")) {
                changed.seek(position);
                changed.write(1);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void fails(WeightSource source, String sentence) throws IOException {
        Path path = Files.write(folder.resolve("a.pt"), new byte[] {7});
        CheckpointException e = assertThrows(CheckpointException.class, () -> TorchWriter.write(path, source));
        assertTrue(e.getMessage().startsWith(sentence), e.getMessage());
        assertArrayEquals(new byte[] {7}, Files.readAllBytes(path));
        assertEquals(List.of("a.pt"), names());
    }

    /** Writes a file and stops for good before the source's answer of a number. */
    static final class Killed {
        private Killed() {}

        public static void main(String[] args) {
            int[] left = {Integer.parseInt(args[1])};
            TorchWriter.write(Path.of(args[0]), new Disturbed(source(), call -> {
                if (left[0]-- == 0) {
                    System.out.println("kill me");
                    while (true) {
                        LockSupport.park();
                    }
                }
            }));
        }
    }

    private boolean isKilledAfter(int answers, Path path) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Killed.class.getName(),
                        path.toString(),
                        Integer.toString(answers))
                .redirectErrorStream(true)
                .start();
        String told = process.inputReader().readLine();
        process.destroyForcibly().waitFor();
        assertTrue(told == null || told.equals("kill me"), told);
        return told != null;
    }

    @Test
    void aKillAtAnyMomentLeavesTheOldFileOrTheNew() throws Exception {
        Path whole = folder.resolve("whole.pt");
        TorchWriter.write(whole, source());
        Path path = folder.resolve("a.pt");
        boolean wasKilled = true;
        for (int answers = 2;
                wasKilled;
                answers += 8) { // 10 before the first entry, 15 while writing, 10 while comparing
            Files.write(path, new byte[] {7});
            wasKilled = isKilledAfter(answers, path);
            StagedFiles.removeLeftovers(folder);
            assertEquals(List.of("a.pt", "whole.pt"), names());
            assertEquals(!wasKilled, Files.mismatch(path, whole) == -1);
            assertEquals(wasKilled, Files.size(path) == 1);
        }
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
