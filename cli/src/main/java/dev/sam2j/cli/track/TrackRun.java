package dev.sam2j.cli.track;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.ProgressLine;
import dev.sam2j.cli.terminal.Stopwatch;
import dev.sam2j.predictors.video.FrameResult;
import dev.sam2j.predictors.video.Propagation;
import dev.sam2j.predictors.video.VideoSession;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Does steps to a session and writes what they return, until one fails. */
final class TrackRun {
    private final List<TrackStep> steps;
    private final TrackObjects objects;
    private final TrackResults results;
    private final Console console;
    private int step;
    private FrameResult last;
    private int tracked;
    private double trackingMillis;

    TrackRun(List<TrackStep> steps, TrackObjects objects, TrackResults results, Console console) {
        this.steps = steps;
        this.objects = objects;
        this.results = results;
        this.console = console;
    }

    /** Whether the steps track forward once, after all prompts: then old frames need not be kept. */
    static boolean isSinglePass(List<TrackStep> steps) {
        int last = steps.size() - 1;
        return steps.get(last) instanceof TrackStep.Propagate propagate
                && !propagate.range().reverse()
                && steps.subList(0, last).stream()
                        .allMatch(step -> step instanceof TrackStep.Clicks || step instanceof TrackStep.Pixels);
    }

    /** Does all steps; returns what stopped them, whatever it was, or null. */
    Throwable on(VideoSession session) {
        try {
            for (step = 0; step < steps.size(); step++) {
                last = null;
                run(session, steps.get(step));
            }
            return null;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return e;
        }
    }

    private void run(VideoSession session, TrackStep todo) throws IOException {
        if (todo instanceof TrackStep.Clicks clicks) {
            long object = mentioned(clicks.object());
            results.add(session.addPrompt(clicks.frame(), object, clicks.prompt(), clicks.clearOldPoints(), false));
        } else if (todo instanceof TrackStep.Pixels pixels) {
            long object = mentioned(pixels.object());
            results.add(session.addMask(pixels.frame(), object, pixels.mask(session.source())));
        } else if (todo instanceof TrackStep.Propagate propagate) {
            requirePrompts(session);
            propagate(session.propagate(propagate.range()));
        } else if (todo instanceof TrackStep.Clear clear) {
            results.add(session.clearPrompts(clear.frame(), existing(clear.object(), session)));
        } else if (todo instanceof TrackStep.Remove remove) {
            long object = existing(remove.object(), session);
            session.removeObject(object);
            results.remove(object, session);
        } else {
            session.reset();
            results.reset();
        }
    }

    private long mentioned(ObjectName object) {
        long id = objects.id(object);
        results.pixel(id);
        return id;
    }

    private long existing(ObjectName object, VideoSession session) {
        long id = objects.id(object);
        if (!session.objects().contains(id)) {
            String known = session.objects().stream()
                    .map(other -> objects.name(other).toString())
                    .collect(Collectors.joining(", "));
            throw CliException.failure("there is no object " + object
                    + (known.isEmpty() ? ", none has been prompted" : ", the objects are " + known));
        }
        return id;
    }

    /** As the session does, but by the name that the user knows. */
    private void requirePrompts(VideoSession session) {
        for (long object : session.objects()) {
            if (session.promptedFrames(object).isEmpty()) {
                throw CliException.failure(
                        "propagate: object " + objects.name(object) + " has no prompt, add one or remove it");
            }
        }
    }

    private void propagate(Propagation propagation) throws IOException {
        ProgressLine progress = ProgressLine.frames(console, "tracking");
        try {
            int done = 0;
            progress.update(0, propagation.total());
            while (propagation.hasNext()) {
                Stopwatch watch = new Stopwatch();
                last = propagation.next();
                trackingMillis += watch.lap();
                tracked++;
                results.add(last);
                progress.update(++done, propagation.total());
            }
        } finally {
            progress.end();
        }
    }

    /** Where the run stands, as the end of a sentence. */
    String where() {
        if (last != null) {
            return "after frame " + last.frame();
        }
        return "in step " + step + " of 0 to " + (steps.size() - 1);
    }

    /** Adds the speed of tracking. */
    void describe(ObjectNode timings) {
        timings.put("tracked_frames", tracked);
        timings.put("frames_per_second", tracked == 0 ? 0 : Math.round(tracked / trackingMillis * 1e5) / 100.0);
    }

    /** What was done, for people. */
    String summary() {
        String speed = tracked == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        " in %.1f s (%.2f frames per second)",
                        trackingMillis / 1000,
                        tracked / trackingMillis * 1000);
        return tracked + " frames tracked" + speed;
    }
}
