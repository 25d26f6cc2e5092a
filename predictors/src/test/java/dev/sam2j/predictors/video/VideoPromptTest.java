package dev.sam2j.predictors.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.LowResMask;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.PromptException;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;
import dev.sam2j.predictors.video.tracking.ObjectTrack;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What prompts, corrections and removals do to a session. */
class VideoPromptTest {
    private static final int FRAMES = 12;
    private static Sam2Model model;

    private VideoSession session;

    @BeforeAll
    static void load() {
        model = Clip.demo();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @BeforeEach
    void open() {
        session = model.videoPredictor().open(new Clip(FRAMES));
    }

    @AfterEach
    void closeSession() {
        session.close();
    }

    private static Prompt click(int object, int frame) {
        return Prompt.point(Clip.x(object, frame), Clip.y(object, frame));
    }

    private static Prompt box(int object, int frame) {
        int x = Clip.x(object, frame);
        int y = Clip.y(object, frame);
        return Prompt.box(x - 19, y - 17, x + 19, y + 17);
    }

    private void propagate() {
        session.propagate().forEachRemaining(result -> {});
    }

    private static void assertCovers(int object, int frame, Mask mask) {
        double iou = mask.iou(Clip.truth(object, frame));
        assertTrue(iou > 0.8, "object " + object + " on frame " + frame + ": IoU " + iou);
    }

    @Test
    void answersAClickABoxAndAMask() {
        assertCovers(
                Clip.DISC,
                0,
                session.addPrompt(0, 1, click(Clip.DISC, 0)).object(1).mask());
        assertCovers(
                Clip.BOX, 2, session.addPrompt(2, 2, box(Clip.BOX, 2)).object(2).mask());
        FrameResult result = session.addMask(3, 9, Clip.truth(Clip.BALL, 3));
        assertCovers(Clip.BALL, 3, result.object(9).mask());
        assertEquals(10, result.object(9).presence());
        assertEquals(1, result.object(9).iou());
        assertEquals(List.of(1L, 2L, 9L), session.objects());
        assertEquals(3, result.objects().size());
        assertTrue(result.object(1).mask().isEmpty(), "object 1 is not known on frame 3 yet");
        assertEquals(-1024, result.object(1).lowRes()[0]);
    }

    @Test
    void normalizedCoordinatesMeanTheSame() {
        float[] pixels = session.addPrompt(0, 1, Prompt.point(40, 30)).object(1).lowRes();
        session.reset();
        float[] fractions = session.addPrompt(0, 1, Prompt.point(40f / 160, 30f / 120), true, true)
                .object(1)
                .lowRes();
        assertArrayEquals(pixels, fractions);
    }

    @Test
    void refiningAddsToTheClicksAndPromptingReplacesThem() {
        session.addPrompt(0, 1, click(Clip.DISC, 0));
        Prompt inside = Prompt.point(Clip.x(Clip.DISC, 0) + 8, Clip.y(Clip.DISC, 0));
        session.refine(0, 1, inside);
        ObjectTrack track = session.engine().tracks().existing(1);
        assertEquals(2, track.clicks().get(0).labels().length);
        assertCovers(
                Clip.DISC,
                0,
                session.refine(0, 1, Prompt.NONE.withoutPoint(Clip.x(Clip.BOX, 0), Clip.y(Clip.BOX, 0)))
                        .object(1)
                        .mask());
        assertEquals(3, track.clicks().get(0).labels().length);
        session.addPrompt(0, 1, inside);
        assertEquals(1, track.clicks().get(0).labels().length);
        session.addMask(0, 1, Clip.truth(Clip.DISC, 0));
        assertTrue(track.clicks().isEmpty());
        assertEquals(1, track.pending().of(true).size());
    }

    /** As in the reference: a mask takes the place of clicks, clicks after it correct it. */
    @Test
    void aMaskReplacesClicksAndLaterClicksCorrectIt() {
        session.addPrompt(0, 1, click(Clip.BOX, 0));
        float[] masked =
                session.addMask(0, 1, Clip.truth(Clip.DISC, 0)).object(1).lowRes();
        FrameResult after = session.refine(0, 1, click(Clip.BALL, 0));
        FrameResult fresh;
        try (VideoSession other = model.videoPredictor().open(new Clip(FRAMES))) {
            float[] same =
                    other.addMask(0, 1, Clip.truth(Clip.DISC, 0)).object(1).lowRes();
            assertArrayEquals(same, masked);
            fresh = other.addPrompt(0, 1, click(Clip.BALL, 0));
        }
        assertArrayEquals(fresh.object(1).lowRes(), after.object(1).lowRes());
        assertFalse(Arrays.equals(masked, after.object(1).lowRes()));
    }

    @Test
    void anEmptyMaskMeansThatTheObjectIsAbsent() {
        TrackedObject object =
                session.addMask(0, 1, Mask.empty(Clip.WIDTH, Clip.HEIGHT)).object(1);
        assertEquals(-10, object.presence());
        assertTrue(object.mask().isEmpty());
        propagate();
    }

    @Test
    void clearingMakesATrackedFrameOfAPromptedOne() {
        session.addPrompt(0, 1, click(Clip.DISC, 0));
        session.addPrompt(4, 1, click(Clip.DISC, 4));
        propagate();
        ObjectTrack track = session.engine().tracks().existing(1);
        float[] before = session.clearPrompts(4, 1).object(1).lowRes();
        assertFalse(track.committed().of(true).containsKey(4));
        assertArrayEquals(before, track.committed().of(false).get(4).entry().mask());
        assertFalse(track.trackedReverse().containsKey(4));
        propagate(); // computes frame 4 now
        assertFalse(
                Arrays.equals(before, track.committed().of(false).get(4).entry().mask()));
    }

    @Test
    void anObjectWithoutPromptsCannotBeTracked() {
        session.addPrompt(0, 1, click(Clip.DISC, 0));
        session.addPrompt(0, 2, click(Clip.BOX, 0));
        assertEquals(List.of(0), session.promptedFrames(2));
        session.clearPrompts(0, 2);
        assertEquals(List.of(), session.promptedFrames(2));
        VideoException e = assertThrows(VideoException.class, session::propagate);
        assertEquals("propagate: object 2 has no prompt, add one or remove it", e.getMessage());
        session.removeObject(2);
        assertEquals(FRAMES, session.propagate().total());
    }

    @Test
    void removesObjectsWhoseIdsMayComeBack() {
        session.addPrompt(0, 1, click(Clip.DISC, 0));
        session.addPrompt(1, 2, click(Clip.BOX, 1));
        session.addPrompt(5, 2, click(Clip.BOX, 5));
        List<FrameResult> updated = session.removeObject(2);
        assertEquals(List.of(1, 5), updated.stream().map(FrameResult::frame).toList());
        assertEquals(List.of(1L), session.objects());
        VideoException e = assertThrows(VideoException.class, () -> session.removeObject(2));
        assertEquals("there is no object 2, the objects are [1]", e.getMessage());
        assertCovers(
                Clip.BALL,
                3,
                session.addPrompt(3, 2, click(Clip.BALL, 3)).object(2).mask());
        assertEquals(List.of(1L, 2L), session.objects());
        session.removeObject(2);
        assertEquals(List.of(), session.removeObject(1));
        assertEquals(List.of(), session.objects());
        session.addPrompt(3, 2, click(Clip.BOX, 3));
    }

    /** Every frame loses a removed object, and one that gets its id later has nothing of it. */
    @Test
    void removingAfterTrackingLeavesNothingBehind() {
        long id = Long.MIN_VALUE + 3;
        session.addPrompt(0, 1, click(Clip.DISC, 0));
        session.addPrompt(0, id, click(Clip.BOX, 0));
        propagate();
        assertEquals(List.of(1L, id), ids(session.result(7)));
        session.removeObject(id);
        for (int frame = 0; frame < FRAMES; frame++) {
            assertEquals(List.of(1L), ids(session.result(frame)), "frame " + frame);
        }
        session.propagate().forEachRemaining(result -> assertEquals(List.of(1L), ids(result)));
        session.addPrompt(4, id, click(Clip.BALL, 4));
        assertEquals(-1024, session.result(3).object(id).presence());
        session.propagate(Propagation.Range.from(4))
                .forEachRemaining(result -> assertCovers(
                        Clip.BALL, result.frame(), result.object(id).mask()));
    }

    private static List<Long> ids(FrameResult result) {
        return result.objects().stream().map(TrackedObject::id).toList();
    }

    @Test
    void resettingForgetsEverything() {
        session.addPrompt(0, 1, click(Clip.DISC, 0));
        propagate();
        session.reset();
        assertEquals(List.of(), session.objects());
        assertEquals(0, session.engine().archive().hotEntries());
        assertThrows(VideoException.class, session::propagate);
        assertThrows(VideoException.class, () -> session.clearPrompts(0, 1));
    }

    @Test
    void aPromptThatFailsLeavesNoTrace() {
        assertThrows(PromptException.class, () -> session.addPrompt(0, 1, Prompt.NONE));
        assertThrows(PromptException.class, () -> session.addPrompt(0, 2, Prompt.point(500, 500)));
        assertThrows(PromptException.class, () -> session.refine(0, 3, box(Clip.BOX, 0)));
        assertThrows(
                PromptException.class,
                () -> session.addPrompt(0, 4, Prompt.NONE.withMask(LowResMask.of(new float[64 * 64], 64))));
        VideoException e = assertThrows(
                VideoException.class, () -> session.addMask(0, 5, Mask.empty(Clip.WIDTH - 1, Clip.HEIGHT)));
        assertEquals("mask: expected the video's size, 160x120, got 159x120", e.getMessage());
        e = assertThrows(VideoException.class, () -> session.addPrompt(FRAMES, 6, click(Clip.DISC, 0)));
        assertEquals("there is no frame 12, clip has frames 0 to 11", e.getMessage());
        assertThrows(VideoException.class, () -> session.addMask(-1, 7, Clip.truth(Clip.DISC, 0)));
        assertEquals(List.of(), session.objects());
        e = assertThrows(VideoException.class, session::propagate);
        assertEquals("propagate: there is nothing to track, prompt an object first", e.getMessage());
    }

    @Test
    void pointsOfAFrameAreBoundedHoweverTheyCome() {
        List<Prompt.Point> half = Collections.nCopies(Prompt.MAX_POINTS / 2, new Prompt.Point(5, 5, true));
        Prompt most = Prompt.NONE.withPoints(half).withPoints(half);
        assertThrows(PromptException.class, () -> most.withPoint(1, 1));
        session.addPrompt(0, 1, click(Clip.DISC, 0));
        PromptException e = assertThrows(PromptException.class, () -> session.addPrompt(0, 1, most, false, false));
        assertTrue(e.getMessage().contains("5001 points"), e.getMessage());
        session.addPrompt(0, 1, click(Clip.DISC, 0), false, false);
    }

    @Test
    void correctionsAreKeptUnlessTheReferenceIsFollowed() {
        for (boolean keep : new boolean[] {true, false}) {
            VideoOptions options = VideoOptions.DEFAULT.withKeepCorrections(keep);
            try (VideoSession own = model.videoPredictor().open(new Clip(FRAMES), options)) {
                own.addPrompt(0, 1, click(Clip.DISC, 0));
                float[][] before = lowRes(own);
                float[] corrected = own.addPrompt(6, 1, click(Clip.BOX, 6))
                        .object(1)
                        .lowRes()
                        .clone();
                assertFalse(Arrays.equals(before[6], corrected), "the correction shows at once");
                float[][] after = lowRes(own);
                for (int frame = 0; frame < 6; frame++) {
                    // A kept correction is a memory of the frames before it, too.
                    assertEquals(!keep || frame == 0, Arrays.equals(before[frame], after[frame]), "frame " + frame);
                }
                assertEquals(keep, Arrays.equals(corrected, after[6]), "corrected frame");
                assertEquals(keep, !Arrays.equals(before[8], after[8]), "later frame");
            }
        }
    }

    private static float[][] lowRes(VideoSession session) {
        float[][] masks = new float[FRAMES][];
        session.propagate()
                .forEachRemaining(result ->
                        masks[result.frame()] = result.object(1).lowRes().clone());
        return masks;
    }

    @Test
    void aCorrectionUsesTheMemoryAndANewFrameDoesNot() {
        session.addMask(0, 1, Clip.truth(Clip.DISC, 0));
        session.propagate(Propagation.Range.FORWARD.atMost(5)).forEachRemaining(result -> {});
        float[] tracked =
                session.addPrompt(4, 1, click(Clip.DISC, 4)).object(1).lowRes().clone();
        float[] fresh =
                session.addPrompt(8, 1, click(Clip.DISC, 8)).object(1).lowRes().clone();
        session.reset();
        assertArrayEquals(
                fresh, session.addPrompt(8, 1, click(Clip.DISC, 8)).object(1).lowRes());
        session.reset();
        assertFalse(Arrays.equals(
                tracked, session.addPrompt(4, 1, click(Clip.DISC, 4)).object(1).lowRes()));
    }

    @Test
    void clearsMemoryAroundPrompts() {
        VideoOptions options = VideoOptions.DEFAULT.withClearMemoryAroundPrompts(true);
        try (VideoSession own = model.videoPredictor().open(new Clip(40), options)) {
            own.addPrompt(0, 1, click(Clip.DISC, 0));
            own.addPrompt(0, 2, click(Clip.BOX, 0));
            own.propagate().forEachRemaining(result -> {});
            ObjectTrack track = own.engine().tracks().existing(1);
            assertEquals(39, track.committed().of(false).size());
            own.addPrompt(20, 1, click(Clip.DISC, 20));
            own.propagate(Propagation.Range.from(39).atMost(0));
            for (int frame = 1; frame < 40; frame++) {
                boolean near = Math.abs(frame - 20) <= 7;
                assertEquals(!near, track.committed().of(false).containsKey(frame), "frame " + frame);
            }
            assertEquals(
                    39, own.engine().tracks().existing(2).committed().of(false).size());
            // A frame whose memories are all gone is answered without any.
            own.clearPrompts(0, 1);
            own.clearPrompts(20, 1);
            ObjectTrack.Outputs outputs = track.committed();
            List.copyOf(outputs.of(false).keySet()).forEach(frame -> ObjectTrack.remove(outputs.of(false), frame));
            assertCovers(
                    Clip.DISC,
                    25,
                    own.addPrompt(25, 1, click(Clip.DISC, 25)).object(1).mask());
        }
    }

    @Test
    void fillsHolesOfResultsOnly() {
        byte[] pixels = new byte[Clip.WIDTH * Clip.HEIGHT];
        for (int i = 0; i < pixels.length; i++) {
            int x = i % Clip.WIDTH;
            int y = i / Clip.WIDTH;
            boolean hole = Math.abs(x - 60) <= 2 && Math.abs(y - 60) <= 2;
            pixels[i] = (byte) (Math.abs(x - 60) < 30 && Math.abs(y - 60) < 30 && !hole ? 1 : 0);
        }
        Mask ring = Mask.ofBytes(Clip.WIDTH, Clip.HEIGHT, pixels);
        for (int area : new int[] {0, 8}) {
            try (VideoSession own =
                    model.videoPredictor().open(new Clip(1), VideoOptions.DEFAULT.withFillHoleArea(area))) {
                Mask mask = own.addMask(0, 1, ring).object(1).mask();
                assertEquals(area > 0, mask.get(60, 60), "hole filled up to " + area);
            }
        }
    }

    @Test
    void masksCompeteForPixelsIfAsked() {
        VideoOptions options =
                VideoOptions.DEFAULT.withNonOverlappingMasks(true).withLogits(true);
        try (VideoSession own = model.videoPredictor().open(new Clip(4), options)) {
            own.addMask(0, 1, Clip.truth(Clip.DISC, 0));
            FrameResult both = own.addMask(0, 2, Mask.ofBox(Clip.WIDTH, Clip.HEIGHT, new PixelBox(15, 5, 65, 55)));
            Mask first = both.object(1).mask();
            Mask second = both.object(2).mask();
            assertTrue(first.and(second).isEmpty(), "overlap");
            assertFalse(first.isEmpty());
            assertFalse(second.isEmpty());
            int winner = Clip.y(Clip.DISC, 0) * Clip.WIDTH + Clip.x(Clip.DISC, 0);
            assertTrue(both.logits().get(0)[winner] > 0);
            assertEquals(-10, both.logits().get(1)[winner], "the loser of a tie is pushed down");
            for (FrameResult result : own.propagate()) {
                assertTrue(result.object(1).mask().and(result.object(2).mask()).isEmpty(), "overlap");
            }
        }
        session.addMask(0, 1, Clip.truth(Clip.DISC, 0));
        FrameResult free = session.addMask(0, 2, Clip.truth(Clip.DISC, 0));
        assertNotEquals(0, free.object(1).mask().and(free.object(2).mask()).area());
    }

    @Test
    void aClosedSessionSaysSo() {
        session.addPrompt(0, 1, click(Clip.DISC, 0));
        Propagation propagation = session.propagate();
        session.close();
        session.close();
        for (Executable use : List.<Executable>of(
                propagation::next,
                session::propagate,
                session::objects,
                session::reset,
                () -> session.result(0),
                () -> session.clearPrompts(0, 1),
                () -> session.removeObject(1),
                () -> session.write(Path.of("never.session")),
                () -> session.addMask(0, 1, Clip.truth(Clip.DISC, 0)),
                () -> session.addPrompt(0, 1, click(Clip.DISC, 0)))) {
            assertEquals(
                    "the video session has been closed",
                    assertThrows(IllegalStateException.class, use).getMessage());
        }
    }
}
