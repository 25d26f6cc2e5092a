package dev.sam2j.predictors.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Branch;
import dev.sam2j.tensor.ForkPoint;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sessions on a backend whose forks run only when they are joined: as late as those of any device. */
class EncodingAheadTest {
    private int operations;
    private int forks;
    private int ahead;

    private Backend late(Backend cpu) {
        return (Backend) Proxy.newProxyInstance(
                Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("forkPoint")) {
                        return (ForkPoint) this::later;
                    }
                    operations++;
                    try {
                        return method.invoke(cpu, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private Branch later(Runnable body) {
        forks++;
        int before = operations;
        boolean[] done = new boolean[1];
        return () -> {
            if (!done[0]) {
                done[0] = true;
                ahead += operations > before ? 1 : 0;
                body.run();
            }
        };
    }

    private static void point(VideoSession session, int frame, int object) {
        session.addPrompt(frame, object, Prompt.point(Clip.x(object, frame), Clip.y(object, frame)));
    }

    /** Forward, with a correction, backwards, and what is left of a range. */
    private static List<FrameResult> track(Sam2Model model, FrameSource source) {
        List<FrameResult> results = new ArrayList<>();
        try (VideoSession session = model.videoPredictor().open(source)) {
            point(session, 1, Clip.DISC);
            session.propagate().forEachRemaining(results::add);
            point(session, 4, Clip.DISC);
            point(session, 5, Clip.BOX);
            session.propagate(Propagation.Range.from(3).atMost(3)).forEachRemaining(results::add);
            session.propagate(Propagation.Range.backwardsFrom(5)).forEachRemaining(results::add);
            session.propagate(Propagation.Range.from(2).atMost(1)).next();
        }
        return results;
    }

    @Test
    void findsTheSame() {
        List<FrameResult> expected;
        try (Sam2Model model = Clip.demo()) {
            expected = track(model, new Clip(7));
        }
        List<FrameResult> actual;
        try (Backend cpu = new CpuBackend(2);
                Sam2Model model = LoadedModel.load("demo", late(cpu))) {
            actual = track(model, new Clip(7));
        }
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            FrameResult want = expected.get(i);
            FrameResult got = actual.get(i);
            assertEquals(want.frame(), got.frame());
            for (TrackedObject object : want.objects()) {
                assertArrayEquals(
                        object.lowRes(),
                        got.object(object.id()).lowRes(),
                        "object " + object.id() + " on frame " + want.frame());
            }
        }
        assertTrue(ahead > 0 && ahead < forks, ahead + " of " + forks + " frames were encoded ahead");
    }

    @Test
    void aFrameThatCannotBeReadFailsOnlyWhereItIsTracked() {
        boolean[] broken = {true};
        FrameSource source = new Clip(5) {
            @Override
            public Picture read(int index) {
                if (index == 3 && broken[0]) {
                    throw new VideoException("frame 3 is broken");
                }
                return super.read(index);
            }
        };
        try (Backend cpu = new CpuBackend(2);
                Sam2Model model = LoadedModel.load("demo", late(cpu));
                VideoSession session = model.videoPredictor().open(source)) {
            point(session, 0, Clip.DISC);
            Propagation propagation = session.propagate();
            for (int frame = 0; frame < 3; frame++) {
                assertEquals(frame, propagation.next().frame());
            }
            assertEquals(
                    "frame 3 is broken",
                    assertThrows(VideoException.class, propagation::next).getMessage());
            broken[0] = false;
            assertEquals(3, propagation.next().frame());
            assertEquals(4, propagation.next().frame());
        }
    }
}
