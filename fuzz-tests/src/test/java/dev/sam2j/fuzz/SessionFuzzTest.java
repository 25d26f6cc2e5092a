package dev.sam2j.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.predictors.video.VideoSession;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Saved sessions: the description in them is the input. What can be resumed goes on. */
class SessionFuzzTest {
    private static final SavedFiles SAVED = SavedFiles.session();

    static Stream<Arguments> seeds() {
        String session = SAVED.get("session");
        return new Seeds()
                .add("whole", session)
                .add("no objects", session.replaceFirst("\"objects\":\\[.*\\]", "\"objects\":[]"))
                .add("another object", session.replace("\"id\":1", "\"id\":2"))
                .add("frames that are not there", session.replace("[0]", "[3]"))
                .add("a frame twice", session.replace("[0]", "[0,0]"))
                .add("tracked both ways", session.replace("\"trackedBackward\":[]", "\"trackedBackward\":[1,2]"))
                .add("no labels", session.replace("\"labels\":[1]", "\"labels\":[]"))
                .add("escapes in a key", session.replace("\"objects\"", "\"\\u001b[2J\\u202e\""))
                .add("null", "null")
                .add("no JSON", "\u001b[2J\u202e")
                .arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void description(byte[] description) {
        check(SAVED.with("session", new String(description, StandardCharsets.UTF_8)));
    }

    @Test
    void wholeFilesAreAnswered() {
        assertTrue(check(SAVED.with("session", SAVED.get("session"))));
    }

    static Stream<Arguments> large() {
        String session = SAVED.get("session");
        return new Seeds()
                .add("nesting", () -> with(Seeds.repeated("", "[", 1_000_000, "")))
                .add("a number of a million digits", () -> with(Seeds.repeated("{\"frames\":", "9", 1_000_000, "}")))
                .add("keys of one hash", () -> with(keys(1 << 16)))
                .add(
                        "1,000,000 removed objects",
                        () -> with(session.replace("\"removed\":[]", "\"removed\":[" + "1,".repeat(1_000_000) + "1]")
                                .getBytes(StandardCharsets.UTF_8)))
                .suppliers();
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void large(Supplier<byte[]> file) {
        check(file.get());
    }

    private static byte[] keys(int count) {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            json.append('"').append(Seeds.colliding(i, 16)).append("\":1,");
        }
        return json.append("\"a\":1}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] with(byte[] description) {
        return SAVED.with("session", new String(description, StandardCharsets.UTF_8));
    }

    private static boolean check(byte[] file) {
        return Budget.check(file, SessionFuzzTest::resume, VideoException.class);
    }

    private static long resume(Path file) {
        try (VideoSession session = SavedFiles.MODEL.videoPredictor().resume(file, new SavedFiles.Frames())) {
            if (!session.objects().isEmpty()) {
                session.propagate().next();
            }
            return 0;
        }
    }
}
