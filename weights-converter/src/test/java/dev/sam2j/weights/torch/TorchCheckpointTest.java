package dev.sam2j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.host.HalfPrecision;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.file.ElementType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made by torch (make_torch_files.py beside them); a ramp is 0.25 i - 1 for i = 0, 1, ... */
public class TorchCheckpointTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5})
    void readsEveryLayoutThatTorchWrites(int protocol) throws IOException {
        try (CheckpointFile file = TorchCheckpoint.open(resource("nested_protocol" + protocol + ".pt"))) {
            assertEquals("torch", file.format());
            assertEquals(
                    List.of(
                            "plain",
                            "half",
                            "brain",
                            "parameter",
                            "shared.whole",
                            "shared.row",
                            "shared.column",
                            "shared.block",
                            "transposed",
                            "permuted.half",
                            "channels_last.brain",
                            "expanded",
                            "scalar",
                            "double"),
                    List.copyOf(file.names()));
            check(file, "plain", DType.F32, Shape.of(2, 3), ramp(0, 1, 2, 3, 4, 5));
            check(file, "half", DType.F16, Shape.of(3, 5), ramp(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14));
            check(file, "brain", DType.BF16, Shape.of(7), ramp(0, 1, 2, 3, 4, 5, 6));
            check(file, "parameter", DType.F32, Shape.of(3), ramp(0, 1, 2));
            check(file, "shared.row", DType.F32, Shape.of(6), ramp(12, 13, 14, 15, 16, 17));
            check(file, "shared.column", DType.F32, Shape.of(4), ramp(1, 7, 13, 19));
            check(file, "shared.block", DType.F32, Shape.of(2, 3), ramp(8, 9, 10, 14, 15, 16));
            check(file, "transposed", DType.F32, Shape.of(4, 3), ramp(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11));
            check(file, "permuted.half", DType.F16, Shape.of(4, 2, 3), permuted());
            float[] all = new float[18];
            for (int i = 0; i < 18; i++) {
                all[i] = 0.25f * i - 1;
            }
            check(file, "channels_last.brain", DType.BF16, Shape.of(1, 2, 3, 3), all);
            check(file, "expanded", DType.F32, Shape.of(2, 3), ramp(0, 1, 2, 0, 1, 2));
            check(file, "scalar", DType.F32, Shape.of(), 2.5f);
            check(file, "double", DType.F32, Shape.of(2), 1, 1);
            assertEquals("f64", file.storedType("double"));
            assertEquals(Map.of("counter", "I64 []", "empty", "F32 [0, 3]"), file.skipped());
        }
    }

    private static float[] permuted() {
        float[] expected = new float[24];
        for (int i = 0; i < 24; i++) {
            int c = i / 6;
            int a = i / 3 % 2;
            int b = i % 3;
            expected[i] = 0.25f * ((a * 3 + b) * 4 + c) - 1;
        }
        return expected;
    }

    @Test
    void readsTheStateDictOfAModuleWithMetadata() throws IOException {
        try (CheckpointFile file = TorchCheckpoint.open(resource("bare_module.pt"))) {
            assertEquals(List.of("0.weight", "0.bias", "1.weight", "1.bias"), List.copyOf(file.names()));
            check(file, "0.weight", DType.F32, Shape.of(2, 3), ramp(0, 1, 2, 3, 4, 5));
            check(file, "1.bias", DType.F32, Shape.of(2), ramp(0, 1));
        }
    }

    @Test
    void saysThatAWholeModuleIsNotItsWeights() throws IOException {
        Path path = resource("whole_module.pt");
        assertFails(path, "a whole Python object made by torch.nn.modules.container.Sequential instead of weights");
    }

    @Test
    void readsTheFormatBeforeTorch16() throws IOException {
        try (CheckpointFile file = TorchCheckpoint.open(resource("legacy.pt"))) {
            assertEquals(List.of("0.weight", "0.bias", "1.weight", "1.bias"), List.copyOf(file.names()));
            check(file, "0.weight", DType.F32, Shape.of(2, 3), ramp(0, 1, 2, 3, 4, 5));
            check(file, "1.bias", DType.F32, Shape.of(2), ramp(0, 1));
        }
    }

    @Test
    void saysWhyATensorCannotBeWeights() throws IOException {
        try (CheckpointFile file = TorchCheckpoint.open(resource("nested_protocol2.pt"))) {
            CheckpointException integer = assertThrows(CheckpointException.class, () -> file.shape("counter"));
            assertTrue(
                    integer.getMessage()
                            .endsWith("counter is I64 [], only floating-point numbers of 16 to 64 bits can be weights"),
                    integer.getMessage());
            CheckpointException absent = assertThrows(CheckpointException.class, () -> file.dtype("nothing"));
            assertTrue(absent.getMessage().endsWith("there is no tensor nothing"), absent.getMessage());
        }
    }

    @Test
    void readsIntoTheMiddleOfAnArrayAndNowhereElse() throws IOException {
        try (CheckpointFile file = TorchCheckpoint.open(resource("nested_protocol2.pt"))) {
            float[] values = {9, 9, 9, 9, 9};
            file.read("parameter", values, 1);
            assertArrayEquals(new float[] {9, -1, -0.75f, -0.5f, 9}, values);
            assertThrows(IndexOutOfBoundsException.class, () -> file.read("parameter", values, 3));
            assertThrows(IndexOutOfBoundsException.class, () -> file.read("parameter", values, -1));
        }
    }

    @Test
    void cannotBeReadAfterClosing() throws IOException {
        CheckpointFile file = TorchCheckpoint.open(resource("bare_module.pt"));
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, () -> file.read("0.bias", new float[2], 0));
    }

    @Test
    void honoursTheByteOrder() throws IOException {
        byte[] values = ByteBuffer.allocate(8)
                .order(ByteOrder.BIG_ENDIAN)
                .putFloat(1.5f)
                .putFloat(-2)
                .array();
        for (String order : List.of("big", "little", "middle")) {
            RawZip zip = TorchFiles.zip(TorchFiles.pickleOf(2, 0, new long[] {2}, new long[] {1}), values);
            zip.add("archive/byteorder", order.getBytes(StandardCharsets.UTF_8));
            Path path = zip.write(folder.resolve(order + ".pt"));
            if (order.equals("middle")) {
                assertFails(path, "the byte order is middle");
                continue;
            }
            try (CheckpointFile file = TorchCheckpoint.open(path)) {
                float[] expected = order.equals("big") ? new float[] {1.5f, -2} : new float[] {6.9e-41f, 2.8e-43f};
                if (order.equals("little")) {
                    expected[0] = Float.intBitsToFloat(Integer.reverseBytes(Float.floatToIntBits(1.5f)));
                    expected[1] = Float.intBitsToFloat(Integer.reverseBytes(Float.floatToIntBits(-2)));
                }
                check(file, "w", DType.F32, Shape.of(2), expected);
            }
        }
    }

    @Test
    void readsLongTensorsOfEveryTypeInPieces() throws IOException {
        int count = 20_011; // more than two chunks of the 16-bit path, and odd
        for (ElementType type : List.of(ElementType.F32, ElementType.F16, ElementType.BF16)) {
            ByteBuffer bytes = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            float[] expected = new float[count];
            for (int i = 0; i < count; i++) {
                expected[i] = i % 251 - 100;
                switch (type) {
                    case F32 -> bytes.putFloat(expected[i]);
                    case F16 -> bytes.putShort(HalfPrecision.toF16(expected[i]));
                    default -> bytes.putShort(HalfPrecision.toBf16(expected[i]));
                }
            }
            String storage = type == ElementType.F32
                    ? "FloatStorage"
                    : type == ElementType.F16 ? "HalfStorage" : "BFloat16Storage";
            byte[] pickle = new PickleWriter()
                    .op('}', '(')
                    .tensor("w", storage, "0", count, 0, new long[] {count}, new long[] {1})
                    .op('u', '.')
                    .toBytes();
            Path path = TorchFiles.zip(pickle, bytes.array()).write(folder.resolve(type + ".pt"));
            try (CheckpointFile file = TorchCheckpoint.open(path)) {
                check(file, "w", type.dtype(), Shape.of(count), expected);
            }
        }
    }

    public static void check(WeightSource source, String name, DType dtype, Shape shape, float... expected) {
        assertEquals(dtype, source.dtype(name), name);
        assertEquals(shape, source.shape(name), name);
        float[] actual = new float[Math.toIntExact(shape.elements())];
        source.read(name, actual, 0);
        assertArrayEquals(expected, actual, name);
    }

    private static float[] ramp(int... indices) {
        float[] values = new float[indices.length];
        for (int i = 0; i < indices.length; i++) {
            values[i] = 0.25f * indices[i] - 1;
        }
        return values;
    }

    private static void assertFails(Path path, String reason) {
        CheckpointException e = assertThrows(
                CheckpointException.class, () -> TorchCheckpoint.open(path).close());
        assertTrue(e.getMessage().startsWith(path + ": ") && e.getMessage().contains(reason), e.getMessage());
    }

    private Path resource(String name) throws IOException {
        return TorchFiles.resource(name, folder);
    }
}
