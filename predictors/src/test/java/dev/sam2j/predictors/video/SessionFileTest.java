package dev.sam2j.predictors.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionFileTest {
    private static final int FRAMES = 32;
    private static final VideoOptions OPTIONS =
            VideoOptions.DEFAULT.withLogits(true).withMaskThreshold(0.1f).withFillHoleArea(5);
    private static Sam2Model model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void load() {
        model = Clip.demo();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Prompt click(int object, int frame) {
        return Prompt.point(Clip.x(object, frame), Clip.y(object, frame));
    }

    /** A session with every kind of content: corrections, directions, pending prompts, a removed object. */
    private static VideoSession rich() {
        VideoSession session = model.videoPredictor().open(new Clip(FRAMES), OPTIONS);
        session.addPrompt(3, 7, click(Clip.DISC, 3));
        session.refine(3, 7, Prompt.NONE.withoutPoint(2, 2));
        session.addMask(2, -5, Clip.truth(Clip.BOX, 2));
        session.addPrompt(2, 4, click(Clip.BALL, 2));
        session.propagate(Propagation.Range.FORWARD.atMost(24)).forEachRemaining(result -> {});
        session.propagate(Propagation.Range.backwardsFrom(5)).forEachRemaining(result -> {});
        session.removeObject(4);
        session.addPrompt(20, 7, Prompt.box(20, 10, 60, 50)); // stays pending
        session.addPrompt(30, 8, click(Clip.BALL, 30));
        return session;
    }

    private static void assertSame(FrameResult expected, FrameResult actual) {
        assertEquals(expected.frame(), actual.frame());
        assertEquals(expected.objects().size(), actual.objects().size());
        for (int i = 0; i < expected.objects().size(); i++) {
            TrackedObject a = expected.objects().get(i);
            TrackedObject b = actual.objects().get(i);
            String what = "frame " + expected.frame() + ", object " + a.id();
            assertEquals(a.id(), b.id(), what);
            assertEquals(a.presence(), b.presence(), what);
            assertEquals(a.iou(), b.iou(), what);
            assertEquals(a.mask(), b.mask(), what);
            assertArrayEquals(a.lowRes(), b.lowRes(), what);
            assertArrayEquals(expected.logits().get(i), actual.logits().get(i), what);
        }
    }

    @Test
    void aResumedSessionGoesOnAsIfItHadNeverStopped() {
        Path file = folder.resolve("session.safetensors");
        try (VideoSession session = rich()) {
            session.write(file);
            try (VideoSession resumed = model.videoPredictor().resume(file, new Clip(FRAMES))) {
                assertEquals(OPTIONS, resumed.options());
                assertEquals(session.objects(), resumed.objects());
                assertSame(session.refine(20, 7, click(Clip.DISC, 20)), resumed.refine(20, 7, click(Clip.DISC, 20)));
                assertSame(session.addPrompt(4, 7, click(Clip.DISC, 4)), resumed.addPrompt(4, 7, click(Clip.DISC, 4)));
                for (Propagation.Range range : List.of(
                        Propagation.Range.from(25),
                        Propagation.Range.backwardsFrom(12).atMost(6),
                        Propagation.Range.FORWARD)) {
                    Propagation expected = session.propagate(range);
                    Propagation actual = resumed.propagate(range);
                    while (expected.hasNext()) {
                        assertSame(expected.next(), actual.next());
                    }
                    assertFalse(actual.hasNext());
                }
                assertSame(session.clearPrompts(3, 7), resumed.clearPrompts(3, 7));
            }
        }
    }

    @Test
    void savingTwiceGivesTheSameBytesAndAnEmptySessionCanBeSaved() throws IOException {
        Path first = folder.resolve("a");
        Path second = folder.resolve("b");
        try (VideoSession session = rich()) {
            session.write(first);
        }
        try (VideoSession resumed = model.videoPredictor().resume(first, new Clip(FRAMES))) {
            resumed.write(second);
        }
        assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
        try (VideoSession empty = model.videoPredictor().open(new Clip(2))) {
            empty.write(first);
        }
        try (VideoSession resumed = model.videoPredictor().resume(first, new Clip(2))) {
            assertEquals(List.of(), resumed.objects());
        }
    }

    private String failure(Path file, FrameSource source) {
        VideoException e = assertThrows(
                VideoException.class,
                () -> model.videoPredictor().resume(file, source).close());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        return e.getMessage();
    }

    private Path saved() {
        Path file = folder.resolve("session");
        try (VideoSession session = model.videoPredictor().open(new Clip(4))) {
            session.addPrompt(0, 1, click(Clip.DISC, 0));
            session.propagate().forEachRemaining(result -> {});
            session.write(file);
        }
        return file;
    }

    @Test
    void refusesAnotherVideoOrModel() {
        Path file = saved();
        Clip longer = new Clip(5);
        assertTrue(failure(file, longer).endsWith("about a video of 4 frames of 160x120, but clip has 5 of 160x120"));
        assertFalse(longer.isClosed(), "the frames stay the caller's");
        try (Sam2Model other =
                Sam2Model.builder().device("cpu").postprocessing(false).build()) {
            VideoException e = assertThrows(
                    VideoException.class, () -> other.videoPredictor().resume(file, new Clip(4)));
            assertTrue(e.getMessage().contains("another model or other settings"), e.getMessage());
        }
    }

    @Test
    void refusesOtherAndDamagedFiles() throws IOException {
        Path file = saved();
        byte[] good = Files.readAllBytes(file);
        assertTrue(failure(folder.resolve("none"), new Clip(4)).length() > 0);
        Path plain = folder.resolve("plain");
        Safetensors.write(plain, Map.of("x", Safetensors.Entry.of(new float[3], 3)), Map.of());
        assertTrue(failure(plain, new Clip(4)).endsWith("this is not a saved session"));
        Path cut = folder.resolve("cut");
        for (int length : new int[] {0, 7, 100, good.length / 2, good.length - 1}) {
            Files.write(cut, java.util.Arrays.copyOf(good, length));
            failure(cut, new Clip(4));
        }
    }

    @Test
    void refusesContradictions() {
        Path file = saved();
        changed(file, "version", text -> "3", "saved in version 3 of the format");
        changed(file, "session", text -> text + " 1", "cannot be read");
        changed(file, "session", text -> "[".repeat(500), "cannot be read");
        changed(file, "session", text -> text.replace("\"id\":1", "\"id\":1,\"id\":1"), "cannot be read");
        changed(file, "session", text -> text.replace("\"id\":1", "\"id\":9223372036854775808"), "cannot be read");
        changed(file, "session", text -> text.replace("\"id\":1,", ""), "cannot be read");
        changed(file, "session", text -> text.replace("\"logits\":false", "\"logits\":0"), "cannot be read");
        changed(file, "session", text -> text.replace("\"frames\":4", "\"frames\":2147483648"), "cannot be read");
        changed(file, "session", text -> text.replace("\"frames\":4", "\"frames\":-4"), "about a video of -4 frames");
        changed(file, "session", text -> text.replace("\"width\":160", "\"width\":2147483647"), "2147483647x120");
        changed(file, "session", text -> text.substring(1), "cannot be read");
        changed(file, "session", text -> "null", "cannot be read");
        changed(file, "session", text -> text.replace("\"id\":1", "\"id\":null"), "cannot be read");
        changed(file, "session", text -> text.replace("\"prompted\":[0]", "\"prompted\":[4]"), "frame 4");
        changed(file, "session", text -> text.replace("\"prompted\":[0]", "\"prompted\":[0,0]"), "twice");
        changed(file, "session", text -> text.replace("\"prompted\":[0]", "\"prompted\":[null]"), "cannot be read");
        changed(file, "session", text -> text.replace("\"prompted\":[0]", "\"prompted\":[0,1]"), "pointer");
        changed(file, "session", text -> text.replace("\"labels\":[1]", "\"labels\":[77]"), "label 77");
        changed(file, "session", text -> text.replace("\"labels\":[1]", "\"labels\":[1,1]"), "clicks");
        changed(file, "session", text -> text.replace("\"labels\":[1]", "\"labels\":[]"), "have no points");
        changed(file, "session", text -> text.replace("\"objects\":[", "\"objects\":[null,"), "cannot be read");
        changed(file, "session", SessionFileTest::withItsObjectTwice, "object 1 appears twice");
        changed(file, "session", text -> text.replace("\"0.0\"", "\"much\""), "cannot be read");
        changed(file, "session", text -> text.replace("\"fillHoleArea\":8", "\"fillHoleArea\":-8"), "cannot be read");
    }

    private static String withItsObjectTwice(String session) {
        int from = session.indexOf("\"objects\":[") + "\"objects\":[".length();
        String object = session.substring(from, session.length() - 2);
        return session.substring(0, from) + object + "," + object + "]}";
    }

    /** Numbers that no session has: they would make every later result nonsense without a word. */
    @Test
    void refusesTensorsThatHoldNoNumbers() {
        Path file = saved();
        Path other = folder.resolve("changed");
        try (CheckpointFile original = Safetensors.open(file)) {
            for (String part : List.of(
                    "clicks",
                    "outputs.prompted.0.score",
                    "outputs.tracked.0.mask",
                    "outputs.tracked.0.pointer",
                    "outputs.prompted.0.memory")) {
                String tensor = "objects.0." + part;
                Safetensors.write(other, new OneWrong(original, tensor), original.metadata());
                String message = failure(other, new Clip(4));
                assertTrue(message.endsWith("tensor " + tensor + " holds NaN"), message);
            }
        }
    }

    /** A file with a NaN in one tensor. */
    private record OneWrong(WeightSource source, String tensor) implements WeightSource {
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
            return source.shape(name);
        }

        @Override
        public DType dtype(String name) {
            return source.dtype(name);
        }

        @Override
        public void read(String name, float[] destination, int offset) {
            source.read(name, destination, offset);
            if (name.equals(tensor)) {
                destination[offset + 1] = Float.NaN;
            }
        }
    }

    /** See the README beside the file; its session had removed object 4, whose id could not come back then. */
    @Test
    void goesOnFromAFileOfTheFirstVersion() throws Exception {
        Path file =
                Path.of(SessionFileTest.class.getResource("version1.session").toURI());
        try (VideoSession resumed = model.videoPredictor().resume(file, new Clip(4));
                VideoSession session =
                        model.videoPredictor().open(new Clip(4), VideoOptions.DEFAULT.withFillHoleArea(5))) {
            session.addPrompt(0, 7, click(Clip.DISC, 0));
            session.propagate(Propagation.Range.FORWARD.atMost(1)).forEachRemaining(result -> {});
            session.addMask(3, 7, Clip.truth(Clip.DISC, 3));
            assertEquals(session.options(), resumed.options());
            assertEquals(List.of(7L), resumed.objects());
            Propagation expected = session.propagate();
            for (FrameResult actual : resumed.propagate()) {
                double iou =
                        expected.next().object(7).mask().iou(actual.object(7).mask());
                assertTrue(iou > 0.98, "frame " + actual.frame() + ": IoU " + iou);
            }
            resumed.addPrompt(2, 4, click(Clip.BALL, 2));
        }
    }

    private interface Change {
        String apply(String text);
    }

    private void changed(Path file, String key, Change change, String problem) {
        Path other = folder.resolve("changed");
        try (CheckpointFile original = Safetensors.open(file)) {
            Map<String, String> metadata = new LinkedHashMap<>(original.metadata());
            String text = change.apply(metadata.get(key));
            assertFalse(text.equals(metadata.put(key, text)), "the change of " + key + " changes nothing");
            Safetensors.write(other, original, metadata);
        }
        String message = failure(other, new Clip(4));
        assertTrue(message.contains(problem), message);
    }

    @Test
    void flippedBytesNeverDoMoreThanFailOrChangeNumbers() throws IOException {
        byte[] good = Files.readAllBytes(saved());
        int header = good[0] & 0xFF | (good[1] & 0xFF) << 8 | (good[2] & 0xFF) << 16;
        Random random = new Random(5);
        Path file = folder.resolve("flipped");
        for (int i = 0; i < 300; i++) {
            byte[] bytes = good.clone();
            bytes[8 + random.nextInt(header)] = (byte) (32 + random.nextInt(95));
            Files.write(file, bytes);
            try {
                model.videoPredictor().resume(file, new Clip(4)).close();
            } catch (VideoException e) {
                assertFalse(e.getMessage().contains("\n"), new String(bytes, 8, header, StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void aFileThatCannotBeWrittenIsAnError() {
        try (VideoSession session = model.videoPredictor().open(new Clip(2))) {
            Path file = folder.resolve("none").resolve("session");
            VideoException e = assertThrows(VideoException.class, () -> session.write(file));
            assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        }
    }
}
