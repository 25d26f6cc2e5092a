package dev.sam2j.predictors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingFileTest {
    @TempDir
    private Path folder;

    private static Picture picture() {
        byte[] rgb = new byte[3 * 90 * 60];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) ((i / 3 % 90 - 45) * (i / 270 - 30) / 9 + 40 * (i % 3));
        }
        return Picture.of(rgb, 90, 60);
    }

    @Test
    void answersFromACopyAreTheSame() {
        Path file = folder.resolve("picture.safetensors");
        try (Sam2Model model = Sam2Model.load("demo")) {
            Prediction expected;
            try (ImagePredictor predictor = model.imagePredictor();
                    ImageEmbedding embedding = predictor.encode(picture())) {
                embedding.write(file);
                predictor.setImage(picture());
                expected = predictor.predict(Prompt.point(30, 20));
            }
            try (ImagePredictor predictor = model.imagePredictor()) {
                ImageEmbedding copy = predictor.loadEmbedding(file);
                assertEquals(90, copy.width());
                assertEquals(60, copy.height());
                predictor.setEmbedding(copy);
                Prediction actual = predictor.predict(Prompt.point(30, 20));
                for (int i = 0; i < expected.masks().size(); i++) {
                    assertEquals(
                            expected.masks().get(i).mask(),
                            actual.masks().get(i).mask());
                    assertArrayEquals(
                            expected.masks().get(i).lowRes().logits(),
                            actual.masks().get(i).lowRes().logits());
                }
            }
        }
    }

    @Test
    void refusesWhatIsNotAnEmbeddingOfTheModel() throws IOException {
        Path file = folder.resolve("picture");
        Path other = folder.resolve("other");
        try (Sam2Model model = Sam2Model.load("demo");
                Sam2Model bare = Sam2Model.builder().postprocessing(false).build();
                ImagePredictor predictor = model.imagePredictor();
                ImagePredictor barePredictor = bare.imagePredictor()) {
            try (ImageEmbedding embedding = predictor.encode(picture())) {
                embedding.write(file);
            }
            assertFails(barePredictor, file, "another model or other settings");
            Safetensors.write(other, Map.of("x", Safetensors.Entry.of(new float[2], 2)), Map.of());
            assertFails(predictor, other, "not a saved embedding");
            byte[] bytes = Files.readAllBytes(file);
            Files.write(other, Arrays.copyOf(bytes, bytes.length - 4));
            assertFails(predictor, other, "damaged");
            change(file, other, "width", "0");
            assertFails(predictor, other, "no size");
            change(file, other, "height", "many");
            assertFails(predictor, other, "no size");
            change(file, other, "width", "-90");
            assertFails(predictor, other, "no size");
            change(file, other, "width", "2147483648");
            assertFails(predictor, other, "no size");
            change(file, other, "width", "2147483647");
            assertFails(predictor, other, "no picture has 2147483647x60 pixels");
            change(file, other, "height", "8000000");
            assertFails(predictor, other, "no picture has 90x8000000 pixels");
            bytes[bytes.length - 1] = 0x7F; // of the last value, which becomes infinite or none
            bytes[bytes.length - 2] = (byte) 0x80;
            Files.write(other, bytes);
            assertFails(predictor, other, "holds");
            try (CheckpointFile original = Safetensors.open(file)) {
                Safetensors.write(other, Map.of(), original.metadata());
            }
            assertFails(predictor, other, "image_embed is missing");
        }
    }

    private static void change(Path file, Path other, String key, String value) {
        try (CheckpointFile original = Safetensors.open(file)) {
            Map<String, String> metadata = new LinkedHashMap<>(original.metadata());
            metadata.put(key, value);
            Safetensors.write(other, original, metadata);
        }
    }

    private static void assertFails(ImagePredictor predictor, Path file, String problem) {
        CheckpointException e = assertThrows(CheckpointException.class, () -> predictor.loadEmbedding(file));
        assertTrue(e.getMessage().startsWith(file + ": ") && e.getMessage().contains(problem), e.getMessage());
    }

    @Test
    void fingerprintsTellModelsApart() {
        try (Sam2Model model = Sam2Model.load("demo");
                Sam2Model same = Sam2Model.load("demo");
                Sam2Model bare = Sam2Model.builder().postprocessing(false).build()) {
            assertEquals(model.fingerprint(), same.fingerprint());
            assertEquals(64, model.fingerprint().length());
            assertTrue(!model.fingerprint().equals(bare.fingerprint()));
        }
    }
}
