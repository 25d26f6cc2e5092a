package dev.sam2j.weights.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.Inventory;
import dev.sam2j.weights.NamedCheckpoint;
import dev.sam2j.weights.safetensors.Safetensors;
import dev.sam2j.weights.safetensors.Safetensors.Entry;
import dev.sam2j.weights.torch.TorchCheckpointTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HuggingFaceTest {
    private static final String POINTS = "sam_prompt_encoder.point_embeddings.";

    @TempDir
    Path folder;

    /** Every tensor of the tiny model that transformers has is exactly one official tensor of the same shape. */
    @Test
    void theNamesOfTransformersAreTheWholeOfficialInventory() throws IOException {
        Map<String, Shape> actual = new TreeMap<>();
        for (Map.Entry<String, Shape> tensor : Inventory.read("hf_t").entrySet()) {
            String name = tensor.getKey();
            if (name.equals(HuggingFaceNames.POINT_EMBEDDINGS)) {
                for (int i = 0; i < tensor.getValue().dim(0); i++) {
                    actual.put(
                            POINTS + i + ".weight",
                            Shape.of(1, tensor.getValue().dim(1)));
                }
            } else if (!name.equals(HuggingFaceNames.TIED_POSITIONAL_EMBEDDING)) {
                Shape other = actual.put(HuggingFaceNames.official(name), tensor.getValue());
                assertEquals(null, other, "a second tensor became " + HuggingFaceNames.official(name));
            }
        }
        assertEquals(new TreeMap<>(Inventory.read("2.1_t")), actual);
        assertEquals(471, actual.size());
    }

    /** For the sizes without a list from transformers: its names, derived from the official ones, come back. */
    @ParameterizedTest
    @ValueSource(strings = {"2.1_s", "2.1_bplus", "2.1_l", "2.0_t"})
    void blocksOfEverySizeTranslateBack(String size) throws IOException {
        int blocks = 0;
        for (String official : Inventory.read(size).keySet()) {
            if (!official.startsWith("image_encoder.trunk.blocks.")) {
                continue;
            }
            String theirs = official.replace("image_encoder.trunk.", "vision_encoder.backbone.")
                    .replace(".norm1.", ".layer_norm1.")
                    .replace(".norm2.", ".layer_norm2.")
                    .replace(".mlp.layers.0.", ".mlp.proj_in.")
                    .replace(".mlp.layers.1.", ".mlp.proj_out.");
            assertEquals(official, HuggingFaceNames.official(theirs));
            blocks += official.endsWith(".norm1.weight") ? 1 : 0;
        }
        assertEquals(
                Map.of("2.1_s", 16, "2.1_bplus", 24, "2.1_l", 48, "2.0_t", 12).get(size), blocks);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1_t", "2.1_s", "2.1_bplus", "2.1_l", "2.0_t"})
    void officialNamesAreNotMistakenForTheirs(String size) throws IOException {
        assertFalse(HuggingFaceNames.present(Inventory.read(size).keySet()));
        assertTrue(HuggingFaceNames.present(Inventory.read("hf_t").keySet()));
    }

    @Test
    void aFileOfTransformersIsReadUnderOfficialNames() {
        Map<String, Entry> tensors = new LinkedHashMap<>();
        tensors.put("shared_image_embedding.positional_embedding", Entry.of(new float[] {1, 2, 3, 4}, 2, 2));
        tensors.put("prompt_encoder.shared_embedding.positional_embedding", Entry.of(new float[] {1, 2, 3, 4}, 2, 2));
        tensors.put(
                "prompt_encoder.point_embed.weight",
                new Entry(Shape.of(4, 3), DType.F16, new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
        tensors.put("vision_encoder.neck.convs.0.weight", Entry.of(new float[] {5}, 1, 1, 1, 1));
        Path path = folder.resolve("hf.safetensors");
        Safetensors.write(path, tensors, Map.of());
        try (Checkpoints.Source source = Checkpoints.open(path)) {
            assertTrue(source.isHuggingFace());
            assertEquals(7 - 1, source.names().size());
            TorchCheckpointTest.check(source, POINTS + "2.weight", DType.F16, Shape.of(1, 3), 6, 7, 8);
            TorchCheckpointTest.check(
                    source,
                    "sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
                    DType.F32,
                    Shape.of(2, 2),
                    1,
                    2,
                    3,
                    4);
            TorchCheckpointTest.check(
                    source, "image_encoder.neck.convs.0.conv.weight", DType.F32, Shape.of(1, 1, 1, 1), 5);
            CheckpointException e = assertThrows(CheckpointException.class, () -> source.shape("x"));
            assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
        }
    }

    /** What {@code Sam2Model} has of the tensors of {@code Sam2VideoModel}, alone and inside another model. */
    @ParameterizedTest
    @ValueSource(strings = {"", "module.model."})
    void aModelForPicturesHasNoMemory(String prefix) throws IOException {
        Map<String, Entry> tensors = new LinkedHashMap<>();
        Inventory.read("hf_t").forEach((name, shape) -> {
            if (name.matches(
                    "(vision_encoder|mask_decoder|prompt_encoder|shared_image_embedding)\\..*|no_memory_embedding")) {
                boolean small = shape.elements() < 30_000;
                Shape written = small ? shape : Shape.of(1);
                tensors.put(prefix + name, new Entry(written, DType.F16, new float[(int) written.elements()]));
            }
        });
        Path path = folder.resolve("pictures.safetensors");
        Safetensors.write(path, tensors, Map.of());
        try (Checkpoints.Source source = Checkpoints.open(path)) {
            assertTrue(source.isHuggingFace());
            assertTrue(ModelKind.isForPicturesOnly(source));
            assertEquals(
                    new ModelKind("SAM 2 tiny, for pictures only", Optional.of(NamedCheckpoint.TINY)),
                    ModelKind.of(source));
            Set<String> official = new TreeSet<>(Inventory.read("2.1_t").keySet());
            official.removeIf(name -> !name.matches("(image_encoder|sam_.*coder)\\..*|no_mem_embed"));
            assertEquals(official, new TreeSet<>(source.names()));
        }
    }

    @Test
    void twoTensorsOfOneNameAreAnError() {
        Map<String, Entry> tensors = new LinkedHashMap<>();
        tensors.put("mask_decoder.iou_token.weight", Entry.of(new float[] {1}, 1));
        tensors.put("sam_mask_decoder.iou_token.weight", Entry.of(new float[] {2}, 1));
        Path path = folder.resolve("both.safetensors");
        Safetensors.write(path, tensors, Map.of());
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoints.open(path));
        assertTrue(e.getMessage().contains("stand for sam_mask_decoder.iou_token.weight"), e.getMessage());
    }

    @Test
    void rowsAreCopiedToWhereTheyBelong() {
        Map<String, Entry> tensors =
                Map.of("prompt_encoder.point_embed.weight", Entry.of(new float[] {1, 2, 3, 4}, 2, 2));
        Path path = folder.resolve("rows.safetensors");
        Safetensors.write(path, tensors, Map.of());
        try (Checkpoints.Source source = Checkpoints.open(path)) {
            float[] destination = {9, 9, 9, 9};
            source.read(POINTS + "1.weight", destination, 1);
            assertArrayEquals(new float[] {9, 3, 4, 9}, destination);
        }
    }
}
