package dev.sam2j.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors;
import dev.sam2j.weights.safetensors.Safetensors.Entry;
import dev.sam2j.weights.torch.TorchCheckpoint;
import dev.sam2j.weights.torch.TorchCheckpointTest;
import dev.sam2j.weights.torch.TorchFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inspecting and converting. */
class CheckpointToolsTest {
    @TempDir
    Path folder;

    @Test
    void inspectCountsWhatIsThere() throws IOException {
        CheckpointSummary summary = CheckpointSummary.of(TorchFiles.resource("nested_protocol2.pt", folder));
        assertEquals("torch", summary.format());
        assertFalse(summary.huggingFace());
        assertEquals("not a SAM 2 model", summary.model());
        assertEquals(Map.of("f32", 9, "f64", 1, "f16", 2, "bf16", 2), summary.dtypes());
        assertEquals(14, summary.tensors().size());
        assertEquals(
                new CheckpointSummary.TensorInfo("half", "f16", List.of(3, 5)),
                summary.tensors().get(1));
        // plain 6, half 15, brain 7, parameter 3, shared 24 + 6 + 4 + 6, transposed 12, permuted 24, channels 18,
        // expanded 6, scalar, double 2, which becomes float32 when it is converted
        assertEquals(134, summary.elements());
        assertEquals(4 * (6 + 3 + 40 + 12 + 6 + 1 + 2) + 2 * (15 + 7 + 24 + 18), summary.bytes());
        assertEquals(2, summary.skipped().size());
    }

    @Test
    void inspectRecognisesEveryModel() throws IOException {
        Map<String, String> models = Map.of(
                "2.1_t",
                "SAM 2.1 tiny",
                "2.1_s",
                "SAM 2.1 small",
                "2.1_bplus",
                "SAM 2.1 base-plus",
                "2.1_l",
                "SAM 2.1 large",
                "2.0_t",
                "SAM 2.0 tiny",
                "hf_t",
                "SAM 2.1 tiny");
        for (Map.Entry<String, String> model : models.entrySet()) {
            CheckpointSummary summary = CheckpointSummary.of(skeleton(model.getKey()));
            assertEquals(model.getValue(), summary.model());
            assertEquals(model.getKey().equals("hf_t"), summary.huggingFace());
        }
    }

    /** A model with the leading dimensions of its small tensors only, which is all that recognition looks at. */
    private Path skeleton(String model) throws IOException {
        Map<String, Entry> tensors = new LinkedHashMap<>();
        Inventory.read(model).forEach((name, shape) -> {
            boolean small = shape.elements() < 30_000;
            tensors.put(
                    name,
                    small ? new Entry(shape, DType.F32, new float[(int) shape.elements()]) : Entry.of(new float[1], 1));
        });
        Path path = folder.resolve(model + ".safetensors");
        Safetensors.write(path, tensors, Map.of());
        return path;
    }

    @Test
    void convertKeepsTypesShapesAndBits() throws IOException {
        Path input = TorchFiles.resource("nested_protocol2.pt", folder);
        Path output = folder.resolve("out.safetensors");
        CheckpointConverter.Result result = CheckpointConverter.convert(input, output);
        assertEquals(14, result.tensors());
        assertEquals(Files.size(output), result.bytes());
        assertEquals(2, result.skipped().size());
        try (CheckpointFile before = TorchCheckpoint.open(input);
                CheckpointFile after = Safetensors.open(output)) {
            assertEquals(before.names(), after.names());
            assertEquals(Map.of("format", "pt"), after.metadata());
            for (String name : before.names()) {
                float[] expected = new float[(int) before.shape(name).elements()];
                before.read(name, expected, 0);
                TorchCheckpointTest.check(after, name, before.dtype(name), before.shape(name), expected);
            }
        }
    }

    @Test
    void convertTranslatesNamesOfTransformers() {
        Path input = folder.resolve("in.safetensors");
        Path output = folder.resolve("out.safetensors");
        Safetensors.write(
                input, Map.of("mask_decoder.iou_token.weight", Entry.of(new float[] {3}, 1, 1)), Map.of("k", "v"));
        CheckpointConverter.convert(input, output);
        try (CheckpointFile file = Safetensors.open(output)) {
            TorchCheckpointTest.check(file, "sam_mask_decoder.iou_token.weight", DType.F32, Shape.of(1, 1), 3);
            assertEquals(Map.of("k", "v", "format", "pt"), file.metadata());
        }
    }

    @Test
    void convertRefusesToOverwriteItsInput() throws IOException {
        Path input = TorchFiles.resource("bare_module.pt", folder);
        byte[] before = Files.readAllBytes(input);
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> CheckpointConverter.convert(input, folder.resolve(".").resolve("bare_module.pt")));
        assertTrue(e.getMessage().endsWith("input and output are the same file"), e.getMessage());
        assertArrayEquals(before, Files.readAllBytes(input));
    }

    @Test
    void aFailedConversionLeavesNothing() throws IOException {
        Path input = Files.write(folder.resolve("bad.pt"), new byte[100]);
        Path output = folder.resolve("out.safetensors");
        assertThrows(CheckpointException.class, () -> CheckpointConverter.convert(input, output));
        Path nowhere = folder.resolve("nowhere").resolve("out.safetensors");
        Path good = TorchFiles.resource("bare_module.pt", folder);
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> CheckpointConverter.convert(good, nowhere));
        assertTrue(e.getMessage().startsWith(nowhere + " cannot be written: there is no folder"), e.getMessage());
        try (var files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
    }
}
