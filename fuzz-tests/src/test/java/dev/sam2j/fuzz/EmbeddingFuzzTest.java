package dev.sam2j.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.predictors.ImageEmbedding;
import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.weights.CheckpointException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Saved embeddings: the header is the input. What can be loaded can be asked. */
class EmbeddingFuzzTest {
    private static final SavedFiles SAVED = SavedFiles.embedding();

    static Stream<Arguments> seeds() {
        String header = SAVED.header();
        return new Seeds()
                .add("whole", header)
                .add("another shape", header.replace("\"shape\":[1,", "\"shape\":[2,"))
                .add("another type", header.replaceFirst("F32", "F16"))
                .add("no tensors", header.replaceFirst("\"image_embed\"", "\"image_embedding\""))
                .add(
                        "escapes in the model",
                        header.replace("\"" + SAVED.get("fingerprint") + "\"", "\"0\"")
                                .replace("\"" + SAVED.get("model") + "\"", "\"\\u001b[2J\\u202e\""))
                .arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void header(byte[] header) {
        check(SAVED.withHeader(new String(header, StandardCharsets.UTF_8)));
    }

    @Test
    void wholeFilesAreAnswered() {
        assertTrue(check(SAVED.withHeader(SAVED.header())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "2147483647", "1000000000", "99999999999", "1e3", ""})
    void forgedSizes(String size) {
        Budget.refused(SAVED.with("width", size), EmbeddingFuzzTest::ask, CheckpointException.class);
    }

    private static boolean check(byte[] file) {
        return Budget.check(file, EmbeddingFuzzTest::ask, CheckpointException.class);
    }

    private static long ask(Path file) {
        try (ImagePredictor predictor = SavedFiles.MODEL.imagePredictor();
                ImageEmbedding embedding = predictor.loadEmbedding(file)) {
            predictor.setEmbedding(embedding);
            predictor.predict(List.of(Prompt.point(1, 1)), dev.sam2j.predictors.PredictOptions.DEFAULT);
            return (long) embedding.width() * embedding.height();
        }
    }
}
