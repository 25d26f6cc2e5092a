package dev.sam2j.weights.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.CheckpointConverter;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.CheckpointSummary;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.safetensors.Safetensors;
import dev.sam2j.weights.safetensors.Safetensors.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What training programs save: weights beside other things, under other names, in several files. */
class TrainingCheckpointTest {
    private static final String TRUNK = "image_encoder.trunk.pos_embed_window";

    @TempDir
    Path folder;

    /** Files of torch (make_torch_files.py) whose settings, counters and optimizer are of twenty classes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "training_protocol2.ckpt",
                "training_protocol4.ckpt",
                "training_legacy.pth",
                "training_deflated.pt"
            })
    void sideValuesAreSkipped(String name) throws IOException {
        try (Checkpoints.Source source = Checkpoints.open(TorchFiles.resource(name, folder))) {
            assertEquals(Set.of("w", "d", "t", "p"), source.names());
            TorchCheckpointTest.check(source, "w", DType.F32, Shape.of(2, 3), -1, -0.75f, -0.5f, -0.25f, 0, 0.25f);
            TorchCheckpointTest.check(source, "d", DType.F32, Shape.of(3), -1, -0.75f, -0.5f);
            TorchCheckpointTest.check(source, "t", DType.F32, Shape.of(2), -1, -0.75f);
            TorchCheckpointTest.check(source, "p", DType.F32, Shape.of(2), -1, -0.75f);
            assertEquals("f64", source.storedType("d"));
        }
    }

    @Test
    void everyTruncationOfTheOldFormatFails() throws IOException {
        byte[] whole = Files.readAllBytes(TorchFiles.resource("legacy.pt", folder));
        for (int length = 0; length < whole.length; length++) {
            Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
            CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoints.open(cut));
            assertTrue(e.getMessage().startsWith(cut + ": "), e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"model", "state_dict", "model_state_dict", "module", "anything.else"})
    void theWeightsMayBeAnyOneEntry(String entry) throws IOException {
        PickleWriter pickle = new PickleWriter().op('}', '(').text("epoch").number(3);
        for (String level : entry.split("\\.")) {
            pickle.text(level).op('}', '(');
        }
        pickle.tensor("w", "FloatStorage", "0", 1, 0, new long[] {1}, new long[] {1});
        entry.chars().filter(c -> c == '.').forEach(level -> pickle.op('u'));
        Path path = TorchFiles.zip(pickle.op('u', 'u', '.').toBytes(), TorchFiles.floats(5))
                .write(folder.resolve("entry.pt"));
        try (Checkpoints.Source source = Checkpoints.open(path)) {
            TorchCheckpointTest.check(source, "w", DType.F32, Shape.of(1), 5);
        }
    }

    @Test
    void aCheckpointWithoutWeightsTellsWhatItHas() throws IOException {
        PickleWriter pickle =
                new PickleWriter().op('}', '(').text("epoch").number(3).text("args");
        pickle.global("argparse", "Namespace").op(')', 0x81).text("model").op('N');
        pickle.tensor("step", "LongStorage", "0", 1, 0, new long[] {1}, new long[] {1});
        Path path = TorchFiles.zip(pickle.op('u', '.').toBytes(), new byte[8]).write(folder.resolve("none.pt"));
        fails(
                path,
                "the checkpoint holds no weights: epoch is 3, args is an object made by argparse.Namespace, "
                        + "model is None, step is a tensor of I64");
    }

    @Test
    void severalEntriesWithTensorsAreNamed() throws IOException {
        PickleWriter pickle = new PickleWriter().op('}', '(');
        for (String entry : new String[] {"student", "teacher"}) {
            pickle.text(entry).op('}', '(');
            pickle.tensor("w", "FloatStorage", "0", 1, 0, new long[] {1}, new long[] {1})
                    .op('u');
        }
        Path path = TorchFiles.zip(pickle.op('u', '.').toBytes(), TorchFiles.floats(5))
                .write(folder.resolve("two.pt"));
        fails(path, "the checkpoint has weights in several entries (student, teacher) and none of them is named model");
    }

    @ParameterizedTest
    @CsvSource({
        "module., module.",
        "model., model.",
        "sam2., sam2.",
        "_orig_mod., _orig_mod.",
        "module._orig_mod.model.sam2., module.model._orig_mod.sam2.",
        "net.module., net."
    })
    void prefixesAreTakenOff(String first, String second) throws IOException {
        Path path = write(first + TRUNK, second + "no_mem_embed");
        try (Checkpoints.Source source = Checkpoints.open(path)) {
            assertEquals(Set.of(TRUNK, "no_mem_embed"), source.names());
            TorchCheckpointTest.check(source, "no_mem_embed", DType.F32, Shape.of(1), 1);
        }
    }

    @Test
    void whatIsBesideTheModelIsSkipped() throws IOException {
        Path path = write("model." + TRUNK, "loss.weight", "model.image_encoder.module.neck.x");
        try (Checkpoints.Source source = Checkpoints.open(path)) {
            assertEquals(Set.of(TRUNK, "image_encoder.neck.x"), source.names());
            assertEquals(Map.of("loss.weight", "not under model. like the model"), source.skipped());
        }
        fails(write("a." + TRUNK, "b." + TRUNK), "the checkpoint holds several models, under a. and b.");
        fails(write("module." + TRUNK, TRUNK), "both module." + TRUNK + " and " + TRUNK + " stand for " + TRUNK);
    }

    @Test
    void foldersAndShards() throws IOException {
        fails(folder, "this folder has no model.safetensors");
        shard("model-00001-of-00002.safetensors", "a", 1);
        try (Checkpoints.Source source = Checkpoints.open(folder)) {
            assertEquals(Set.of("a"), source.names());
        }
        shard("model-00002-of-00002.safetensors", "b", 2);
        fails(folder, "this folder has several checkpoints, such as model-00001-of-00002.safetensors and ");
        Path index = index("{\"metadata\":{\"total_size\":8,\"x\":[[],{}]},\"weight_map\":{"
                + "\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model-00002-of-00002.safetensors\"}}");
        for (Path path : new Path[] {folder, index}) {
            try (Checkpoints.Source source = Checkpoints.open(path)) {
                assertEquals(index, source.file().path());
                TorchCheckpointTest.check(source, "a", DType.F32, Shape.of(1), 1);
                TorchCheckpointTest.check(source, "b", DType.F32, Shape.of(1), 2);
            }
        }
        assertEquals(
                2,
                CheckpointConverter.convert(folder, folder.resolve("whole.safetensors"))
                        .tensors());
        Files.copy(folder.resolve("whole.safetensors"), folder.resolve("model.safetensors"));
        try (Checkpoints.Source source = Checkpoints.open(folder)) {
            assertEquals(folder.resolve("model.safetensors"), source.file().path());
        }
    }

    @Test
    void indexesThatAreWrong() throws IOException {
        shard("s.safetensors", "a", 1);
        Path index = index("{\"weight_map\":{\"a\":\"none.safetensors\"}}");
        fails(index, "its file none.safetensors is missing");
        for (String name : new String[] {"../s.safetensors", "/etc/passwd", "", "..", "a\\\\b", "x.index.json"}) {
            index("{\"weight_map\":{\"a\":\"" + name + "\"}}");
            fails(index, "which is no file beside it");
        }
        index("{\"weight_map\":{\"a\":\"s.safetensors\",\"b\":\"s.safetensors\"}}");
        fails(index, "it says that s.safetensors has b, which is not there");
        Files.copy(folder.resolve("s.safetensors"), folder.resolve("t.safetensors"));
        index("{\"weight_map\":{\"a\":\"s.safetensors\",\"b\":\"t.safetensors\"}}");
        fails(index, "another file of the checkpoint has a too");
        for (String json : new String[] {"[]", "{}", "{\"weight_map\":[]}", "{\"weight_map\":{\"a\":1}}", "{", "x"}) {
            index(json);
            fails(index, "the index of a checkpoint in several files is damaged");
        }
        index("{\"x\":" + "[],".repeat(1000) + "}");
        fails(index, "it is not JSON");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "image_encoder.trunk.blocks.0.norm1.weight|EfficientTAM, not SAM 2",
                "image_encoder.trunk.body.layer0.weight|EdgeTAM, not SAM 2",
                "vision_encoder.backbone.timm_model.x|EdgeTAM, not SAM 2",
                "image_encoder.blocks.0.attn.qkv.weight|SAM 1, not SAM 2",
                "vision_encoder.layers.0.attn.qkv.weight|SAM 1, not SAM 2",
                "image_encoder.patch_embed.seq.0.c.weight|MobileSAM, not SAM 2",
                "detector.backbone.vision_backbone.trunk.pos_embed|SAM 3, not SAM 2",
                "detector_model.vision_encoder.backbone.x|SAM 3, not SAM 2",
                "vision_encoder.neck.fpn_layers.0.x|SAM 3, not SAM 2",
                "base_model.model.image_encoder.trunk.x|an adapter (LoRA), to be merged into its SAM 2 model first",
                "mask_decoder.hf_token.weight|HQ-SAM, not SAM 2",
                "conv1.weight|not a SAM 2 model"
            })
    void otherModelsAreCalledByTheirNames(String name, String description) throws IOException {
        assertEquals(
                description,
                CheckpointSummary.of(write(name, "mask_decoder.iou_token.weight"))
                        .model());
    }

    private Path write(String... names) throws IOException {
        Map<String, Entry> tensors = new LinkedHashMap<>();
        for (int i = 0; i < names.length; i++) {
            tensors.put(names[i], Entry.of(new float[] {i}, 1));
        }
        Path path = folder.resolve("named.safetensors");
        Safetensors.write(path, tensors, Map.of());
        return path;
    }

    private void shard(String file, String name, float value) {
        Safetensors.write(folder.resolve(file), Map.of(name, Entry.of(new float[] {value}, 1)), Map.of());
    }

    private Path index(String json) throws IOException {
        return Files.writeString(folder.resolve("model.safetensors.index.json"), json);
    }

    private static void fails(Path path, String reason) {
        CheckpointException e = assertThrows(
                CheckpointException.class, () -> Checkpoints.open(path).close());
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }
}
