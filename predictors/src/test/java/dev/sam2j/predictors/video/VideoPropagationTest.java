package dev.sam2j.predictors.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.video.tracking.ObjectTrack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tracking through ranges of frames, and what can go wrong on the way. */
class VideoPropagationTest {
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

    private static VideoSession open(FrameSource source) {
        return model.videoPredictor().open(source);
    }

    private static void prompt(VideoSession session, int frame, int object) {
        session.addPrompt(frame, object, Prompt.point(Clip.x(object, frame), Clip.y(object, frame)));
    }

    private static List<Integer> frames(Propagation propagation) {
        List<Integer> frames = new ArrayList<>();
        propagation.forEachRemaining(result -> frames.add(result.frame()));
        return frames;
    }

    @Test
    void followsMovingObjects() {
        try (VideoSession session = open(new Clip(20))) {
            prompt(session, 0, Clip.DISC);
            prompt(session, 0, Clip.BOX);
            for (FrameResult result : session.propagate()) {
                for (TrackedObject object : result.objects()) {
                    double iou = object.mask().iou(Clip.truth((int) object.id(), result.frame()));
                    assertTrue(iou > 0.75, "object " + object.id() + " on " + result.frame() + ": IoU " + iou);
                    assertTrue(object.presence() > 0);
                }
            }
        }
    }

    @Test
    void goesThroughTheAskedFramesInOrder() {
        try (VideoSession session = open(new Clip(10))) {
            prompt(session, 3, Clip.DISC);
            prompt(session, 5, Clip.BOX);
            assertEquals(List.of(3, 4, 5, 6, 7, 8, 9), frames(session.propagate()));
            assertEquals(
                    List.of(7, 8),
                    frames(session.propagate(Propagation.Range.from(7).atMost(1))));
            assertEquals(List.of(5, 4, 3, 2, 1, 0), frames(session.propagate(Propagation.Range.backwardsFrom(5))));
            assertEquals(
                    List.of(9, 8, 7),
                    frames(session.propagate(Propagation.Range.backwardsFrom(9).atMost(2))));
            assertEquals(List.of(), frames(session.propagate(Propagation.Range.backwardsFrom(0))));
            assertEquals(
                    List.of(0),
                    frames(session.propagate(Propagation.Range.from(0).atMost(0))));
            assertThrows(VideoException.class, () -> session.propagate(Propagation.Range.from(10)));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Propagation.Range.from(0).atMost(-1));
        }
    }

    @Test
    void reportsProgressAndCanBeLeft() {
        try (VideoSession session = open(new Clip(6))) {
            prompt(session, 0, Clip.DISC);
            List<String> heard = new ArrayList<>();
            Propagation propagation = session.propagate(
                    Propagation.Range.FORWARD.with((done, total) -> heard.add(done + " of " + total)));
            propagation.next();
            propagation.next();
            assertEquals(List.of("1 of 6", "2 of 6"), heard);
            assertEquals(6, propagation.total());
            prompt(session, 1, Clip.DISC); // a correction of what was tracked
            assertThrows(IllegalStateException.class, propagation::next);
            Propagation again = session.propagate();
            assertEquals(6, frames(again).size());
            assertThrows(NoSuchElementException.class, again::next);
        }
    }

    @Test
    void tracksWhereAllPromptsLieInTheFuture() {
        // No pointer qualifies then; the memory holds maps alone.
        try (VideoSession session = open(new Clip(8))) {
            prompt(session, 0, Clip.DISC);
            prompt(session, 5, Clip.BOX);
            for (FrameResult result : session.propagate(Propagation.Range.from(0))) {
                double iou = result.object(Clip.BOX).mask().iou(Clip.truth(Clip.BOX, result.frame()));
                assertTrue(iou > 0.6, "frame " + result.frame() + ": IoU " + iou);
            }
            session.reset();
            prompt(session, 2, Clip.DISC);
            assertEquals(List.of(6, 5, 4, 3, 2, 1, 0), frames(session.propagate(Propagation.Range.backwardsFrom(6))));
        }
    }

    @Test
    void aVideoOfOneFrameCanBeCorrectedAfterTracking() {
        try (VideoSession session = open(new Clip(1))) {
            prompt(session, 0, Clip.DISC);
            assertEquals(List.of(0), frames(session.propagate()));
            TrackedObject corrected = session.refine(
                            0, Clip.DISC, Prompt.point(Clip.x(Clip.DISC, 0) + 6, Clip.y(Clip.DISC, 0)))
                    .object(Clip.DISC);
            assertTrue(Float.isFinite(corrected.presence()));
            assertTrue(corrected.mask().iou(Clip.truth(Clip.DISC, 0)) > 0.8);
            assertEquals(List.of(0), frames(session.propagate()));
        }
    }

    @Test
    void twoObjectsTogetherEqualEachAlone() {
        int frames = 12;
        float[][][] alone = new float[3][frames][];
        for (int object : new int[] {Clip.DISC, Clip.BOX}) {
            try (VideoSession session = open(new Clip(frames))) {
                prompt(session, 0, object);
                session.propagate()
                        .forEachRemaining(result -> alone[object][result.frame()] =
                                result.object(object).lowRes().clone());
            }
        }
        try (VideoSession session = open(new Clip(frames))) {
            prompt(session, 0, Clip.DISC);
            prompt(session, 0, Clip.BOX);
            for (FrameResult result : session.propagate()) {
                for (int object : new int[] {Clip.DISC, Clip.BOX}) {
                    // Batches may add in another order; memories are rounded to 8 bits, which can flip by one step.
                    assertClose(
                            alone[object][result.frame()],
                            result.object(object).lowRes(),
                            "object " + object + " on frame " + result.frame());
                }
            }
        }
    }

    private static void assertClose(float[] expected, float[] actual, String what) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow(expected[i] - actual[i], 2);
            norm += Math.pow(expected[i], 2);
        }
        assertTrue(Math.sqrt(difference / norm) < 2e-3, what + ": relative error " + Math.sqrt(difference / norm));
    }

    @Test
    void streamingForgetsWhatCannotBeReadAnyMore() {
        int frames = 40;
        List<float[]> whole = new ArrayList<>();
        try (VideoSession session = open(new Clip(frames))) {
            prompt(session, 0, Clip.DISC);
            session.propagate()
                    .forEachRemaining(
                            result -> whole.add(result.objects().get(0).lowRes().clone()));
        }
        try (VideoSession session =
                model.videoPredictor().open(new Clip(frames), VideoOptions.DEFAULT.withStreaming(true))) {
            prompt(session, 0, Clip.DISC);
            ObjectTrack track = session.engine().tracks().existing(Clip.DISC);
            for (FrameResult result : session.propagate()) {
                assertArrayEquals(
                        whole.get(result.frame()), result.objects().get(0).lowRes());
                assertTrue(
                        track.committed().of(false).size() <= 17,
                        "frames: " + track.committed().of(false).size());
                assertTrue(
                        track.trackedReverse().size() <= 17,
                        "marks: " + track.trackedReverse().size());
            }
            assertEquals(0, session.engine().archive().storedRecords(), "nothing went to the temporary file");
            session.propagate(Propagation.Range.backwardsFrom(frames - 1))
                    .forEachRemaining(result -> assertTrue(
                            track.committed().of(false).size() <= 34,
                            "frames: " + track.committed().of(false).size()));
        }
    }

    @Test
    void aLongVideoKeepsMostMemoriesInTheTemporaryFile() {
        try (VideoSession session = open(new Clip(50))) {
            prompt(session, 0, Clip.DISC);
            session.propagate().forEachRemaining(result -> {});
            assertTrue(session.engine().archive().hotEntries() <= 20);
            assertTrue(session.engine().archive().storedRecords() >= 30);
            float[] early = session.clearPrompts(3, Clip.DISC).object(Clip.DISC).lowRes();
            assertTrue(early.length > 0);
        }
    }

    @Test
    void framesAreReadOnceAndTheSourceIsClosed() {
        Clip clip = new Clip(10);
        try (VideoSession session = open(clip)) {
            prompt(session, 0, Clip.DISC);
            session.propagate().forEachRemaining(result -> {});
            assertEquals(10, clip.reads());
        }
        assertTrue(clip.isClosed());
    }

    @Test
    void anUnreadableFrameStopsTrackingThereAndCanBeTriedAgain() throws IOException {
        Clip.write(folder, 40);
        byte[] good = Files.readAllBytes(folder.resolve("17.png"));
        Files.write(folder.resolve("17.png"), new byte[] {1, 2, 3});
        try (VideoSession session = open(PictureFrames.folder(folder))) {
            prompt(session, 0, Clip.DISC);
            Propagation propagation = session.propagate();
            for (int frame = 0; frame < 17; frame++) {
                assertEquals(frame, propagation.next().frame());
            }
            VideoException e = assertThrows(VideoException.class, propagation::next);
            assertTrue(e.getMessage().startsWith("frame 17: "), e.getMessage());
            assertTrue(e.getMessage().contains("17.png"), e.getMessage());
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
            assertThrows(VideoException.class, propagation::next);
            assertEquals(
                    16,
                    session.engine()
                            .tracks()
                            .existing(Clip.DISC)
                            .committed()
                            .of(false)
                            .size());
            Files.write(folder.resolve("17.png"), good);
            assertEquals(17, propagation.next().frame());
            assertEquals(22, frames(propagation).size());
        }
    }

    @Test
    void framesOfDifferingSizesAreAnError() {
        Clip.write(folder, 4);
        Clip.write(folder, 2, Clip.picture(2, 100, 80));
        try (VideoSession session = open(PictureFrames.folder(folder))) {
            prompt(session, 0, Clip.DISC);
            VideoException e = assertThrows(VideoException.class, () -> frames(session.propagate()));
            assertEquals(folder + ": frame 2 (2) is 100x80, but the video is 160x120", e.getMessage());
            e = assertThrows(VideoException.class, () -> prompt(session, 2, Clip.BOX));
            assertTrue(e.getMessage().contains("100x80"));
            assertEquals(List.of((long) Clip.DISC), session.objects());
        }
    }

    @Test
    void aFolderIsReadInNaturalOrderAndMustHoldPictures() throws IOException {
        VideoException e = assertThrows(VideoException.class, () -> PictureFrames.folder(folder));
        assertTrue(e.getMessage().startsWith(folder + " holds no pictures (JPEG, PNG, "), e.getMessage());
        e = assertThrows(VideoException.class, () -> PictureFrames.folder(folder.resolve("none")));
        assertEquals(folder.resolve("none") + ": not a folder", e.getMessage());
        Clip.write(folder, 12);
        Files.writeString(folder.resolve("notes.txt"), "no picture");
        Files.writeString(folder.resolve(".hidden.png"), "no picture");
        try (PictureFrames source = PictureFrames.folder(folder)) {
            assertEquals(12, source.frames());
            for (int i = 0; i < 12; i++) {
                assertEquals(Integer.toString(i), source.name(i));
            }
            assertArrayEquals(Clip.picture(10).rgb(), source.read(10).rgb());
        }
    }
}
