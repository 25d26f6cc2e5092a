package dev.sam2j.predictors.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.video.tracking.ObjectTrack;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class LiveSessionTest {
    private static Sam2Model model;

    private LiveSession session;

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
        session = model.videoPredictor().openLive(VideoOptions.DEFAULT);
    }

    @AfterEach
    void closeSession() {
        session.close();
    }

    private static Prompt click(int object, int frame) {
        return Prompt.point(Clip.x(object, frame), Clip.y(object, frame));
    }

    @Test
    void equalsTrackingForwardThroughAVideo() {
        int frames = 25;
        session.track(Clip.picture(0));
        session.addPrompt(1, click(Clip.DISC, 0));
        try (VideoSession video = model.videoPredictor().open(new Clip(frames))) {
            video.addPrompt(0, 1, click(Clip.DISC, 0));
            Propagation propagation = video.propagate();
            propagation.next();
            for (int frame = 1; frame < frames; frame++) {
                FrameResult live = session.track(Clip.picture(frame));
                assertEquals(frame, live.frame());
                assertArrayEquals(
                        propagation.next().object(1).lowRes(), live.object(1).lowRes(), "frame " + frame);
            }
        }
    }

    @Test
    void objectsComeAndGoWhileFramesArrive() {
        assertEquals(List.of(), session.track(Clip.picture(0)).objects());
        assertEquals(List.of(), session.track(Clip.picture(1)).objects());
        session.addPrompt(1, click(Clip.DISC, 1));
        assertEquals(1, session.track(Clip.picture(2)).objects().size());
        FrameResult both = session.addMask(2, Clip.truth(Clip.BOX, 2));
        assertEquals(
                List.of(1L, 2L), both.objects().stream().map(TrackedObject::id).toList());
        assertTrue(both.object(1).mask().iou(Clip.truth(Clip.DISC, 2)) > 0.75, "stays what was tracked");
        for (int frame = 3; frame < 30; frame++) {
            FrameResult result = session.track(Clip.picture(frame));
            assertTrue(result.object(1).mask().iou(Clip.truth(Clip.DISC, frame)) > 0.7, "disc on " + frame);
            assertTrue(result.object(2).mask().iou(Clip.truth(Clip.BOX, frame)) > 0.7, "box on " + frame);
        }
        session.refine(1, click(Clip.DISC, 29));
        session.removeObject(2);
        assertEquals(List.of(1L), session.objects());
        assertEquals(1, session.track(Clip.picture(30)).objects().size());
        FrameResult again = session.addPrompt(2, click(Clip.BALL, 30));
        assertTrue(again.object(2).mask().iou(Clip.truth(Clip.BALL, 30)) > 0.7, "the id names another object now");
        session.reset();
        assertEquals(List.of(), session.track(Clip.picture(31)).objects());
        assertEquals(31, session.frame());
    }

    @Test
    void remembersABoundedNumberOfFrames() {
        session.track(Clip.picture(0));
        session.addPrompt(1, click(Clip.DISC, 0));
        ObjectTrack track = session.engine().tracks().existing(1);
        for (int frame = 1; frame < 60; frame++) {
            session.track(Clip.picture(frame));
            assertTrue(
                    track.committed().of(false).size() <= 17,
                    "frames: " + track.committed().of(false).size());
            assertTrue(
                    track.trackedReverse().size() <= 17,
                    "marks: " + track.trackedReverse().size());
        }
        assertEquals(0, session.engine().archive().storedRecords(), "nothing goes to the temporary file");
    }

    @Test
    void misuseIsAnErrorAndTheSessionGoesOn() {
        VideoException e = assertThrows(VideoException.class, () -> session.addPrompt(1, click(Clip.DISC, 0)));
        assertEquals("there is no frame yet, track one before prompting objects on it", e.getMessage());
        assertThrows(VideoException.class, () -> session.clearPrompts(1));
        session.track(Clip.picture(0));
        e = assertThrows(VideoException.class, () -> session.track(Clip.picture(1, 80, 60)));
        assertEquals("frame 1 is 80x60, but the frames before are 160x120", e.getMessage());
        assertThrows(VideoException.class, () -> session.addMask(1, Mask.empty(80, 60)));
        assertEquals(List.of(), session.objects());
        session.addPrompt(1, click(Clip.DISC, 0));
        session.clearPrompts(1);
        e = assertThrows(VideoException.class, () -> session.track(Clip.picture(1)));
        assertEquals("propagate: object 1 has no prompt, add one or remove it", e.getMessage());
        assertEquals(0, session.frame());
        session.addPrompt(1, click(Clip.DISC, 0));
        assertEquals(1, session.track(Clip.picture(1)).frame());
        session.close();
        session.close();
        for (Executable use : List.<Executable>of(
                () -> session.track(Clip.picture(2)),
                session::objects,
                session::frame,
                session::reset,
                () -> session.removeObject(1),
                () -> session.addMask(1, Clip.truth(Clip.DISC, 1)),
                () -> session.addPrompt(1, click(Clip.DISC, 1)))) {
            assertEquals(
                    "the live session has been closed",
                    assertThrows(IllegalStateException.class, use).getMessage());
        }
    }
}
