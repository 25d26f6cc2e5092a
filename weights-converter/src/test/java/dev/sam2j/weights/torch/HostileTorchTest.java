package dev.sam2j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.CheckpointConverter;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.file.CheckpointFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that lie. Each must end in one sentence that names the file, soon and without using up the heap. */
class HostileTorchTest {
    private static final byte[] TWO_FLOATS = TorchFiles.floats(1, 2);

    @TempDir
    Path folder;

    private CheckpointException fails(Path path, String reason) {
        CheckpointException e = assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThrows(
                        CheckpointException.class, () -> Checkpoints.open(path).close()));
        String message = e.getMessage();
        assertTrue(message.startsWith(path + ": "), message);
        assertTrue(message.contains(reason), message);
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.length() - path.toString().length() < 400, message);
        return e;
    }

    private void bytesFail(byte[] bytes, String reason) throws IOException {
        fails(Files.write(folder.resolve("file.pt"), bytes), reason);
    }

    private void pickleFails(byte[] pickle, String reason) throws IOException {
        bytesFail(TorchFiles.zip(pickle, TWO_FLOATS).toBytes(), reason);
    }

    private static byte[] honest() {
        return TorchFiles.zip(TorchFiles.pickleOf(2, 0, new long[] {2}, new long[] {1}), TWO_FLOATS)
                .toBytes();
    }

    @Test
    void theHonestFileIsRead() throws IOException {
        try (CheckpointFile file = TorchCheckpoint.open(Files.write(folder.resolve("a.pt"), honest()))) {
            float[] values = new float[2];
            file.read("w", values, 0);
            assertEquals(1, values[0]);
            assertEquals(2, values[1]);
        }
    }

    @Test
    void notACheckpoint() throws IOException {
        fails(folder.resolve("missing.pt"), "no such file");
        fails(folder, "folder");
        bytesFail(new byte[0], "empty");
        bytesFail("hello, world, this is text".getBytes(StandardCharsets.UTF_8), "not a checkpoint");
        bytesFail(new byte[10_000], "not a checkpoint");
        RawZip other = new RawZip();
        other.add("readme.txt", new byte[3]);
        bytesFail(other.toBytes(), "no data.pkl");
        bytesFail(new RawZip().toBytes(), "no data.pkl");
    }

    @Test
    void everyTruncationOfAnHonestFile() throws IOException {
        byte[] whole = honest();
        for (int length = 0; length < whole.length; length++) {
            bytesFail(Arrays.copyOf(whole, length), "");
        }
    }

    @Test
    void everyTruncationOfATorchFile() throws IOException {
        byte[] whole = Files.readAllBytes(TorchFiles.resource("bare_module.pt", folder));
        for (int length = 0; length < whole.length; length++) {
            bytesFail(Arrays.copyOf(whole, length), "");
        }
    }

    @Test
    void everyTruncationOfAPickle() throws IOException {
        byte[] whole = TorchFiles.pickleOf(2, 0, new long[] {2}, new long[] {1});
        for (int length = 0; length < whole.length; length++) {
            pickleFails(Arrays.copyOf(whole, length), "pickle");
        }
    }

    /** Changed bytes either do not matter or are an error of the right kind; what opens can also be read. */
    @Test
    void randomChanges() throws IOException {
        Random random = new Random(20261120);
        byte[][] originals = {
            honest(),
            Files.readAllBytes(TorchFiles.resource("nested_protocol2.pt", folder)),
            Files.readAllBytes(TorchFiles.resource("nested_protocol4.pt", folder))
        };
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] bytes = originals[round % originals.length].clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = random.nextInt(bytes.length);
                bytes[at] =
                        random.nextBoolean() ? (byte) random.nextInt(256) : (byte) (bytes[at] ^ 1 << random.nextInt(8));
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
        assertTrue(refused > 500, "only " + refused + " of 3000 changes were noticed");
    }

    @ParameterizedTest
    @CsvSource({
        "os, system",
        "posix, system",
        "nt, system",
        "os.path, join",
        "subprocess, Popen",
        "builtins, eval",
        "builtins, exec",
        "__builtin__, execfile",
        "runpy, _run_code"
    })
    void namesThatOnlyRunCode(String module, String name) throws IOException {
        String reason = "the pickle calls " + module + "." + name + ", which would run code of its author";
        pickleFails(calling(module, name), reason);
        pickleFails(new PickleWriter().text(module).text(name).op(0x93, '.').toBytes(), reason);
        pickleFails(
                new PickleWriter()
                        .op('}', '(')
                        .text("args")
                        .global(module, name)
                        .text("touch owned")
                        .op(0x85, 'R')
                        .tensor("w", "FloatStorage", "0", 2, 0, new long[] {2}, new long[] {1})
                        .op('u', '.')
                        .toBytes(),
                reason);
    }

    @ParameterizedTest
    @CsvSource({
        "builtins, getattr",
        "torch, load",
        "torch.storage, _load_from_bytes",
        "torch, FloatStorage.__class__",
        "collections, OrderedDict.__init__",
        "numpy.core.multiarray, _reconstruct",
        "torch._utils, _rebuild_tensor_v3",
        "collections.OrderedDict, fromkeys",
        "my.package, Settings"
    })
    void otherNamesMeanNothing(String module, String name) throws IOException {
        pickleFails(calling(module, name), "a whole Python object made by " + module + "." + name);
        pickleFails(
                new PickleWriter()
                        .op('}', '(')
                        .text("w")
                        .global(module, name)
                        .op(')', 'R', 'u', '.')
                        .toBytes(),
                "holds no weights: w is an object made by " + module + "." + name);
        PickleWriter beside = new PickleWriter()
                .op('}', '(')
                .text("args")
                .global(module, name)
                .text("touch owned")
                .op(0x85, 'R', '}')
                .text("x")
                .op('N', 's', 'b')
                .tensor("w", "FloatStorage", "0", 2, 0, new long[] {2}, new long[] {1});
        Path path = TorchFiles.zip(beside.op('u', '.').toBytes(), TWO_FLOATS).write(folder.resolve("beside.pt"));
        try (CheckpointFile file = TorchCheckpoint.open(path)) {
            TorchCheckpointTest.check(file, "w", DType.F32, Shape.of(2), 1, 2);
            assertEquals(Map.of("args", "an object made by " + module + "." + name), file.skipped());
        }
    }

    private static byte[] calling(String module, String name) {
        return new PickleWriter()
                .global(module, name)
                .text("touch owned")
                .op(0x85, 'R', '.')
                .toBytes();
    }

    @Test
    void functionsAppliedToOtherThings() throws IOException {
        pickleFails(
                new PickleWriter()
                        .global("collections", "OrderedDict")
                        .text("x")
                        .op(0x85, 'R', '.')
                        .toBytes(),
                "OrderedDict has arguments");
        pickleFails(
                new PickleWriter()
                        .global("torch", "FloatStorage")
                        .op(')', 'R', '.')
                        .toBytes(),
                "not a function");
        pickleFails(new PickleWriter().text("eval").op(')', 'R', '.').toBytes(), "not a function");
        pickleFails(
                new PickleWriter()
                        .global("torch._utils", "_rebuild_tensor_v2")
                        .op(')', 'R', '.')
                        .toBytes(),
                "a tensor has");
        pickleFails(
                new PickleWriter()
                        .global("torch._utils", "_rebuild_parameter")
                        .numbers(1, 2, 3)
                        .op('R', '.')
                        .toBytes(),
                "a parameter has");
        pickleFails(new PickleWriter().numbers(1, 2, 3, 4, 5).op('Q', '.').toBytes(), "persistent id");
        pickleFails(new PickleWriter().op(')', '}', 'b', '.').toBytes(), "sets attributes");
    }

    /** INST, OBJ, EXT1, PERSID, text integers and NEXT_BUFFER. */
    @Test
    void otherOpcodes() throws IOException {
        for (int opcode : new int[] {'i', 'o', 0x82, 0x83, 0x84, 'P', 'I', 'L', 'F', 'S', 'V', 0x97, 'd', 0xff}) {
            pickleFails(
                    new PickleWriter().op('}', opcode, '.', '\n', '.').toBytes(),
                    String.format(Locale.ROOT, "opcode 0x%02x", opcode));
        }
        pickleFails(new byte[] {(byte) 0x80, 9, '}', '.'}, "protocol 9");
        pickleFails(new byte[] {'}', '.'}, "protocol");
    }

    @Test
    void nestingAndMemo() throws IOException {
        pickleFails(repeated(1_000_000, '('), "nested more than 64 deep");
        pickleFails(repeated(1_000_000, ']'), "stack grows beyond");
        pickleFails(repeated(1_000_000, ')', 0x85), "stack grows beyond");
        byte[] tuples = repeated(1_000_000, 0x85);
        tuples[2] = ')';
        pickleFails(tuples, "nested more than 64 deep");
        ByteArrayOutputStream lists = new ByteArrayOutputStream();
        lists.writeBytes(new PickleWriter().op(']', 'q', 0).toBytes());
        for (int i = 0; i < 1000; i++) { // a list that holds the previous one, kept by the memo
            lists.writeBytes(new byte[] {']', 'h', 0, 'a', 'q', 0});
        }
        pickleFails(lists.toByteArray(), "nested more than 64 deep");
        pickleFails(new PickleWriter().op('h', 7, '.').toBytes(), "recalls value 7");
        pickleFails(new PickleWriter().op('j').little(-1, 4).op('.').toBytes(), "recalls value 4294967295");
        byte[] memo = repeated(4_000_000, 0x94);
        memo[2] = '}';
        pickleFails(memo, "memo grows beyond");
        pickleFails(repeated(4_000_000, 'N', '0'), "opcodes");
    }

    /** Ten levels of ten references each: 10^10 values if anything walked them. */
    @Test
    void sharedListsAreNotExpanded() throws IOException {
        PickleWriter pickle = new PickleWriter().op('}').text("laughs").op('(', ']', 'q', 0);
        for (int level = 0; level < 10; level++) {
            pickle.op(']', '(');
            for (int i = 0; i < 10; i++) {
                pickle.op('h', level);
            }
            pickle.op('e', 'q', level + 1);
        }
        pickleFails(pickle.op('t', 's', '.').toBytes(), "holds no weights");
        PickleWriter self = new PickleWriter().op('}', 'q', 0).text("me").op('h', 0, 's', '.');
        pickleFails(self.toBytes(), "holds no weights");
        PickleWriter model = new PickleWriter().op('}', 'q', 0).text("model").op('h', 0, 's', '.');
        pickleFails(model.toBytes(), "holds no weights");
    }

    private static byte[] repeated(int count, int... opcodes) {
        PickleWriter pickle = new PickleWriter();
        for (int i = 0; i < count / opcodes.length; i++) {
            pickle.op(opcodes);
        }
        return pickle.op('.').toBytes();
    }

    @Test
    void malformedPickles() throws IOException {
        pickleFails(new PickleWriter().op('.').toBytes(), "stack is empty");
        pickleFails(new PickleWriter().op('(', '.').toBytes(), "stack is empty");
        pickleFails(new PickleWriter().op('}', '}', '.').toBytes(), "leaves values behind");
        pickleFails(new PickleWriter().op('}', '.', '.').toBytes(), "goes on after its end");
        pickleFails(new PickleWriter().op('t', '.').toBytes(), "a mark is missing");
        pickleFails(new PickleWriter().op('}', '(', 'K', 1, 'u', '.').toBytes(), "sets items");
        pickleFails(new PickleWriter().op(')', 'K', 1, 'K', 1, 's', '.').toBytes(), "sets items");
        pickleFails(new PickleWriter().op('}', 'K', 1, 'a', '.').toBytes(), "appends");
        pickleFails(
                new PickleWriter()
                        .op('}')
                        .text("a")
                        .op('N', 's')
                        .text("a")
                        .op('N', 's', '.')
                        .toBytes(),
                "key a twice");
        pickleFails(new PickleWriter().op('X').little(0xffffffffL, 4).op('.').toBytes(), "ends in the middle");
        pickleFails(
                new PickleWriter().op(0x8d).little(Long.MIN_VALUE, 8).op('.').toBytes(), "ends in the middle");
        pickleFails(
                new PickleWriter().op(0x95).little(Long.MAX_VALUE, 8).op('.').toBytes(), "ends in the middle");
        pickleFails(new PickleWriter().text("x".repeat(2 << 20)).op('.').toBytes(), "made by builtins.str");
        pickleFails(new PickleWriter().op('X').little(1, 4).op(0xff, '.').toBytes(), "made by builtins.str");
        pickleFails(new PickleWriter().op(0x8a, 200).toBytes(), "ends in the middle");
        pickleFails(new PickleWriter().op('B').little(-1, 4).toBytes(), "ends in the middle");
        pickleFails(
                new PickleWriter().text("m".repeat(300)).text("x").op(0x93, '.').toBytes(), "longer than 256");
        pickleFails(new PickleWriter().global("o".repeat(300), "x").op('.').toBytes(), "longer than 256");
        pickleFails(new PickleWriter().op(']', '.').toBytes(), "not a dictionary");
        pickleFails(new PickleWriter().op('}', '.').toBytes(), "holds no weights");
        pickleFails(new byte[17 << 20], "more than the 16777216 allowed");
    }

    @Test
    void tensorsThatDoNotFitTheirStorage() throws IOException {
        long huge = 1L << 62;
        tensorFails(3, 0, new long[] {3}, new long[] {1}, "should have 3 elements of 4 bytes but has 8 bytes");
        tensorFails(1, 0, new long[] {1}, new long[] {1}, "should have 1 elements of 4 bytes but has 8 bytes");
        tensorFails(huge, 0, new long[] {1}, new long[] {1}, "should have " + huge);
        tensorFails(2, 0, new long[] {3}, new long[] {1}, "does not fit its storage of 2 elements");
        tensorFails(2, 1, new long[] {2}, new long[] {1}, "does not fit its storage");
        tensorFails(2, 2, new long[] {1}, new long[] {1}, "does not fit its storage");
        tensorFails(2, 2, new long[] {}, new long[] {}, "does not fit its storage");
        tensorFails(2, -1, new long[] {1}, new long[] {1}, "does not fit its storage");
        tensorFails(2, Long.MAX_VALUE, new long[] {1}, new long[] {1}, "too large");
        tensorFails(2, 0, new long[] {2}, new long[] {2}, "does not fit its storage");
        tensorFails(2, 1, new long[] {2}, new long[] {-1}, "dimension or stride out of range");
        tensorFails(2, 0, new long[] {-2}, new long[] {1}, "dimension or stride out of range");
        tensorFails(2, 0, new long[] {huge}, new long[] {0}, "dimension or stride out of range");
        tensorFails(2, 0, new long[] {2}, new long[] {Long.MAX_VALUE}, "too large");
        tensorFails(2, 2, new long[] {2}, new long[] {Long.MAX_VALUE}, "too large");
        tensorFails(2, 0, new long[] {1 << 30, 1 << 30, 1 << 30}, new long[] {0, 0, 0}, "too large");
        tensorFails(2, 0, new long[] {Integer.MAX_VALUE}, new long[] {0}, "too large");
        tensorFails(2, 0, new long[] {2, 1}, new long[] {1}, "2 dimensions and 1 strides");
        tensorFails(2, 0, new long[40], new long[40], "40 dimensions");
    }

    private void tensorFails(long elements, long offset, long[] shape, long[] strides, String reason)
            throws IOException {
        pickleFails(TorchFiles.pickleOf(elements, offset, shape, strides), reason);
    }

    @Test
    void tensorsWithoutStorageOrName() throws IOException {
        long[] one = {1};
        pickleFails(
                new PickleWriter()
                        .op('}', '(')
                        .tensor("w", "FloatStorage", "../0", 2, 0, one, one)
                        .op('u', '.')
                        .toBytes(),
                "its storage ../0 is not in the file");
        pickleFails(
                new PickleWriter()
                        .op('}', '(')
                        .tensor("a\u001b[2Jb", "FloatStorage", "0", 2, 0, one, one)
                        .op('u', '.')
                        .toBytes(),
                "a tensor has the name a\\u001b[2Jb");
        pickleFails(
                new PickleWriter()
                        .op('}', '(')
                        .tensor("n".repeat(513), "FloatStorage", "0", 2, 0, one, one)
                        .op('u', '.')
                        .toBytes(),
                "longer than 512");
        pickleFails(
                new PickleWriter()
                        .op('}', '(')
                        .tensor("w", "DoubleStorage", "0", 2, 0, one, one)
                        .op('u', '.')
                        .toBytes(),
                "2 elements of 8 bytes but has 8");
    }

    /** Memory asked for by a file of a few bytes must be refused before it is allocated. */
    @Test
    void aTensorOfManyElementsInAFewBytesIsNotConverted() throws IOException {
        byte[] pickle = TorchFiles.pickleOf(2, 0, new long[] {1 << 30}, new long[] {0});
        Path path = TorchFiles.zip(pickle, TWO_FLOATS).write(folder.resolve("wide.pt"));
        Path out = folder.resolve("wide.safetensors");
        CheckpointException e = assertThrows(CheckpointException.class, () -> CheckpointConverter.convert(path, out));
        assertTrue(e.getMessage().contains("claim 4294967296 bytes"), e.getMessage());
        assertTrue(Files.notExists(out));
    }

    private void zipFails(Consumer<RawZip> change, String reason) throws IOException {
        RawZip zip = TorchFiles.zip(TorchFiles.pickleOf(2, 0, new long[] {2}, new long[] {1}), TWO_FLOATS);
        change.accept(zip);
        bytesFail(zip.toBytes(), reason);
    }

    @Test
    void damagedArchives() throws IOException {
        zipFails(zip -> zip.add("archive/data/0", TWO_FLOATS), "two entries named archive/data/0");
        zipFails(zip -> zip.add("other/data.pkl", TWO_FLOATS), "two entries named data.pkl");
        zipFails(zip -> zip.add("archive/x", TWO_FLOATS).offset -= 4, "does not begin where the directory says");
        zipFails(zip -> zip.add("archive/x", TWO_FLOATS).offset = 0xfffffff0L, "beyond the end of the file");
        zipFails(zip -> zip.add("archive/x", TWO_FLOATS, "archive/y", 0), "differs from its directory record");
        zipFails(
                zip -> zip.add("archive/x", TWO_FLOATS, "archive/x", 8).method = 0,
                "differs from its directory record");
        zipFails(zip -> zip.add("archive/x", TWO_FLOATS).size = 4, "has 8 bytes that cannot stand for 4");
        zipFails(zip -> size(zip.add("archive/x", TWO_FLOATS), 0x7fffffff), "beyond the end");
        zipFails(zip -> size(zip.add("archive/x", TWO_FLOATS), 4), "differs from its directory record");
        zipFails(zip -> zip.add("archive/x", TWO_FLOATS).method = 8, "differs from its directory record");
        zipFails(zip -> zip.add("archive/x", TWO_FLOATS).method = 99, "is compressed by method 99");
        zipFails(zip -> zip.add("archive/x", TWO_FLOATS).flags |= 1, "is encrypted");
        zipFails(zip -> zip.add("archive/x", TWO_FLOATS).flags |= 1 << 6, "is encrypted");
        zipFails(zip -> zip.add("archive/\n", TWO_FLOATS), "has the name archive/\\u000a, which is not printable");
        for (String name : new String[] {"/etc/passwd", "archive/../../x", "..", "C:/x", "archive\\x"}) {
            zipFails(zip -> zip.add(name, TWO_FLOATS), "the entry name '" + name + "' is not a relative path");
        }
        zipFails(zip -> zip.disks = 1, "one part of an archive of several");
        zipFails(zip -> zip.extraEntries = 1, "lists fewer entries");
        zipFails(zip -> zip.extraEntries = -1, "lists more entries");
        zipFails(zip -> zip.extraBytes = 1, "is not where the end record says");
        zipFails(zip -> zip.extraBytes = -1, "is not where the end record says");
    }

    private static void size(RawZip.Record record, long size) {
        record.size = size;
        record.compressedSize = size;
    }

    /** One entry inside another: its local header is part of the other's data. */
    @Test
    void overlappingEntries() throws IOException {
        RawZip inner = new RawZip();
        inner.add("archive/x", TWO_FLOATS);
        byte[] local = Arrays.copyOf(inner.toBytes(), 30 + "archive/x".length() + 8);
        zipFails(
                zip -> {
                    RawZip.Record outer = zip.add("archive/outer", local);
                    zip.add("archive/x", TWO_FLOATS).offset = outer.offset + 30 + "archive/outer".length();
                },
                "overlap");
        zipFails(zip -> zip.add("archive/x", TWO_FLOATS).offset = 0, "differs from its directory record");
    }

    @Test
    void zipBomb() throws IOException {
        Path path = folder.resolve("bomb.pt");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
            zip.putNextEntry(new ZipEntry("archive/data.pkl"));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 256; i++) {
                zip.write(zeros);
            }
            zip.closeEntry();
        }
        assertTrue(Files.size(path) < 1 << 20);
        fails(path, "has 268435456 bytes, more than the 16777216 allowed");
    }

    @Test
    void aDirectoryWithoutEnd() throws IOException {
        RawZip zip = TorchFiles.zip(TorchFiles.pickleOf(2, 0, new long[] {2}, new long[] {1}), TWO_FLOATS);
        for (int i = 0; i < 600; i++) {
            zip.add("archive/data/" + "x".repeat(30_000) + i, new byte[0]);
        }
        bytesFail(zip.toBytes(), "in 18037212 bytes, more than");
    }
}
