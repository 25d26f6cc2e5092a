package dev.sam2j.predictors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.WeightsException;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.DemoCheckpoint;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.safetensors.Safetensors;
import dev.sam2j.weights.safetensors.Safetensors.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models from checkpoints of all kinds. */
class ModelLoadingTest {
    private static final String LAYER = "image_encoder.trunk.blocks.0.attn.qkv.weight";

    @TempDir
    Path folder;

    /** The demo's tensors whose names are wanted. */
    private static Map<String, Entry> demo(Predicate<String> wanted) {
        Map<String, Entry> tensors = new LinkedHashMap<>();
        try (Checkpoints.Source source = DemoCheckpoint.open()) {
            for (String name : source.names()) {
                if (wanted.test(name)) {
                    float[] values =
                            new float[Math.toIntExact(source.shape(name).elements())];
                    source.read(name, values, 0);
                    tensors.put(name, new Entry(source.shape(name), source.dtype(name), values));
                }
            }
        }
        return tensors;
    }

    private Path write(Map<String, Entry> tensors) {
        Path path = folder.resolve("model.safetensors");
        Safetensors.write(path, tensors, Map.of());
        return path;
    }

    private static float[] segment(Sam2Model model) {
        byte[] pixels = new byte[64 * 48 * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 7 / 5);
        }
        try (ImagePredictor predictor = model.imagePredictor()) {
            predictor.setImage(Picture.of(pixels, 64, 48));
            return predictor
                    .predict(Prompt.point(30, 20))
                    .masks()
                    .get(0)
                    .lowRes()
                    .logits();
        }
    }

    private static Sam2Model load(Path checkpoint) {
        return Sam2Model.builder().checkpoint(checkpoint).device("cpu").build();
    }

    @Test
    void theDemoLeavesNoFiles() throws IOException {
        Set<Path> before = temporary();
        try (Sam2Model model = load(null)) {
            segment(model);
            assertEquals(before, temporary());
        }
    }

    private static Set<Path> temporary() throws IOException {
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return Set.copyOf(files.filter(file -> file.getFileName().toString().startsWith("sam2j-demo"))
                    .toList());
        }
    }

    /** As {@code Sam2Model} of transformers, which has no weights for videos; the folder is named. */
    @Test
    void weightsWithoutMemoryAreAModelForPictures() {
        Path path = write(demo(
                name -> name.startsWith("image_encoder.") || name.startsWith("sam_") || name.equals("no_mem_embed")));
        try (Sam2Model whole = load(null);
                Sam2Model pictures = load(path.getParent())) {
            assertArrayEquals(segment(whole), segment(pictures));
            ModelException e = assertThrows(ModelException.class, pictures::videoPredictor);
            assertTrue(
                    e.getMessage().startsWith("demo: the checkpoint is of a model for pictures only"), e.getMessage());
        }
    }

    /** A part of the memory is not no memory. */
    @Test
    void aMissingPartIsNamed() {
        Path path = write(demo(name -> !name.equals("maskmem_tpos_enc")));
        WeightsException e = assertThrows(WeightsException.class, () -> load(path));
        List<String> lines = e.getMessage().lines().toList();
        assertEquals(
                path + ": the checkpoint does not fit the model demo: it looks like SAM 2.1 of another size (width "
                        + "32, 8 blocks)",
                lines.get(0).replaceAll("width \\d+, \\d+ blocks", "width 32, 8 blocks"));
        assertTrue(lines.get(2).startsWith("  missing: maskmem_tpos_enc"), e.getMessage());
    }

    @Test
    void weightsThatAreNoNumbersAreNamed() {
        for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
            Map<String, Entry> tensors = demo(name -> true);
            tensors.get(LAYER).values()[17] = bad;
            Path path = write(tensors);
            try (Sam2Model model = load(path)) {
                WeightsException e = assertThrows(WeightsException.class, () -> segment(model));
                assertEquals(
                        path + ": the weights " + LAYER + " are not finite ("
                                + (Float.isNaN(bad) ? "not a number" : "infinite")
                                + " at element 17), the checkpoint is damaged or its training diverged",
                        e.getMessage());
            }
        }
    }

    /** What {@code Future.cancel(true)} does to a server's thread. */
    @Test
    void loadingGoesOnInAThreadThatIsInterrupted() {
        Path path = write(demo(name -> true));
        float[] expected;
        try (Sam2Model model = load(path)) {
            expected = segment(model);
        }
        Thread.currentThread().interrupt();
        try (Sam2Model model = load(path)) {
            assertArrayEquals(expected, segment(model));
            assertTrue(model.fingerprint().length() == 64);
        } finally {
            assertTrue(Thread.interrupted());
        }
    }
}
