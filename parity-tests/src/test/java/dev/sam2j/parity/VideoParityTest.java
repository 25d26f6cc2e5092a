package dev.sam2j.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.FrameResult;
import dev.sam2j.predictors.video.PictureFrames;
import dev.sam2j.predictors.video.Propagation;
import dev.sam2j.predictors.video.TrackedObject;
import dev.sam2j.predictors.video.VideoOptions;
import dev.sam2j.predictors.video.VideoSession;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole sessions on videos, with prompts, corrections, late objects, both directions and removals, step by step. */
class VideoParityTest {
    private static final double PREPROCESSED_MAX = 1e-5;
    private static final double FEATURE_RELATIVE = 1e-3;
    private static final double LOGIT_RELATIVE = 2e-3;
    private static final double MASK_IOU = 0.998;
    /** Error of a single logit, relative to their root mean square: a tenth of the bound on all of them. */
    private static final double LOGIT_ROUNDING = 2e-4;

    private static final double TRUTH_IOU = 0.002;

    private static final String QUICK = "video_demo_.*|video_2.1_t_object_absent";

    static Stream<Path> cases() throws IOException {
        List<Path> folders = new ArrayList<>(Fixture.folders("fixtures", "video_"));
        folders.addAll(Fixture.folders("demo", "video_"));
        return folders.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matchesTheReference(Path folder) throws IOException {
        Fixture.assumeWanted(folder, "sam2j.parity.videos", QUICK);
        try (Fixture fixture = Fixture.open(folder);
                Backend backend = TestDevice.open();
                LoadedModel model = fixture.load(backend).observedBy(new CallRecorder(fixture, backend));
                VideoSession session = model.videoPredictor()
                        .open(PictureFrames.folder(folder.resolve("frames")), VideoOptions.BARE.withLogits(true))) {
            Truth truth = new Truth(folder);
            new Replay(fixture, session, truth).run();
            truth.check(fixture);
        }
    }

    /** Compares intermediate results, which are recorded under the number of the call that made them. */
    private static final class CallRecorder implements LayerObserver {
        private final Fixture fixture;
        private final Backend backend;
        private final Map<String, Integer> calls = new HashMap<>();

        CallRecorder(Fixture fixture, Backend backend) {
            this.fixture = fixture;
            this.backend = backend;
        }

        @Override
        public void layer(String name, Tensor tensor) {
            int call = calls.merge(name, 1, Integer::sum) - 1;
            if (name.equals("preprocessed") && call == 0 && fixture.has("preprocessed_frame0 (CHW)")) {
                float[] actual = Values.channelsFirst(Values.host(backend, tensor), 3);
                fixture.check("preprocessed_frame0 (CHW)", actual, Double.MAX_VALUE, PREPROCESSED_MAX);
            }
            String key = name + ".call" + call + " (NCHW)";
            if (fixture.has(key)) {
                float[] actual = Values.channelsFirst(Values.host(backend, tensor), tensor.cols());
                fixture.check(key, actual, FEATURE_RELATIVE, Double.MAX_VALUE);
            }
        }
    }

    /** Runs the recorded steps. */
    private static final class Replay {
        /** Frames tracked with random weights that can be compared in bfloat16. */
        private static final int BF16_TRACKED = 1;
        /** Steps replayed without -Pfull at 1024: prompts for two objects and two tracked frames. */
        private static final int QUICK_STEPS = 4;

        private final Fixture fixture;
        private final VideoSession session;
        private final Truth truth;
        private Propagation propagation;
        private int tracked;

        Replay(Fixture fixture, VideoSession session, Truth truth) {
            this.fixture = fixture;
            this.session = session;
            this.truth = truth;
        }

        void run() {
            JsonNode previous = null;
            int left = fixture.atFullSize() && Fixture.quick("sam2j.parity.videos") ? QUICK_STEPS : Integer.MAX_VALUE;
            for (JsonNode step : fixture.description().get("steps")) {
                if (left-- == 0) {
                    return;
                }
                FrameResult result = run(step, previous);
                assertEquals(objects(step), session.objects(), step + ": objects");
                if (step.has("key") && isComparable(step)) {
                    check(step, result);
                }
                previous = step;
            }
            assertFalse(propagation != null && propagation.hasNext(), "frames are left to track");
        }

        /**
         * Whether a step is compared: with random weights the scores of a frame's masks are so near each other that in
         * bfloat16 another mask is tracked, by the reference too, from the second tracked frame of one case on.
         */
        private boolean isComparable(JsonNode step) {
            boolean tracks = step.get("op").asText().equals("propagate");
            tracked += tracks ? 1 : 0;
            boolean random = fixture.folder().getParent().endsWith("fixtures");
            return !TestDevice.bf16() || !random || tracked <= BF16_TRACKED;
        }

        private FrameResult run(JsonNode step, JsonNode previous) {
            int object = step.path("obj").asInt();
            switch (step.get("op").asText()) {
                case "prompt":
                    return prompt(step, object);
                case "mask":
                    return session.addMask(
                            step.get("on").asInt(),
                            object,
                            fixture.mask(step.get("file").asText()));
                case "clear":
                    return session.clearPrompts(step.get("on").asInt(), object);
                case "remove":
                    session.removeObject(object);
                    return null;
                default:
                    if (!continues(step, previous)) {
                        assertFalse(propagation != null && propagation.hasNext(), "frames are left to track");
                        propagation = session.propagate(range(step));
                    }
                    FrameResult result = propagation.next();
                    truth.add(result);
                    return result;
            }
        }

        /** Whether a step is the next frame of the propagation before it rather than a propagation of its own. */
        private boolean continues(JsonNode step, JsonNode previous) {
            return previous != null
                    && previous.get("op").equals(step.get("op"))
                    && range(previous).equals(range(step))
                    && propagation.hasNext();
        }

        private FrameResult prompt(JsonNode step, int object) {
            Prompt prompt = Prompt.NONE;
            if (step.has("box")) {
                JsonNode box = step.get("box");
                prompt = prompt.withBox(
                        box.get(0).asDouble(),
                        box.get(1).asDouble(),
                        box.get(2).asDouble(),
                        box.get(3).asDouble());
            }
            for (int i = 0; step.has("points") && i < step.get("points").size(); i++) {
                JsonNode point = step.get("points").get(i);
                prompt = prompt.with(new Prompt.Point(
                        (float) point.get(0).asDouble(),
                        (float) point.get(1).asDouble(),
                        step.get("labels").get(i).asInt() == 1));
            }
            return session.addPrompt(
                    step.get("on").asInt(), object, prompt, step.path("clear").asBoolean(true), false);
        }

        private static Propagation.Range range(JsonNode step) {
            return new Propagation.Range(
                    step.has("start_frame_idx") ? step.get("start_frame_idx").asInt() : null,
                    step.has("max_frame_num_to_track")
                            ? step.get("max_frame_num_to_track").asInt()
                            : null,
                    step.path("reverse").asBoolean(),
                    Propagation.Listener.NONE);
        }

        private static List<Long> objects(JsonNode step) {
            List<Long> ids = new ArrayList<>();
            step.get("objects").forEach(id -> ids.add(id.asLong()));
            return ids;
        }

        private void check(JsonNode step, FrameResult result) {
            String key = step.get("key").asText();
            assertEquals(step.get("frame").asInt(), result.frame(), key + ": frame");
            assertEquals(
                    objects(step),
                    result.objects().stream().map(TrackedObject::id).toList(),
                    key + ": objects");
            int pixels = result.logits().get(0).length;
            float[] logits = new float[pixels * result.logits().size()];
            for (int i = 0; i < result.logits().size(); i++) {
                System.arraycopy(result.logits().get(i), 0, logits, i * pixels, pixels);
            }
            fixture.check(key + ".video_res_logits", logits, LOGIT_RELATIVE, Double.MAX_VALUE);
            JsonNode masks = fixture.description().get("masks").get(key);
            for (int i = 0; i < masks.size(); i++) {
                Mask expected = fixture.mask(masks.get(i).asText());
                double iou = Overlap.iou(
                        result.objects().get(i).mask(),
                        expected,
                        logits,
                        i * pixels,
                        TestDevice.undecidedTracked(LOGIT_ROUNDING));
                assertTrue(iou >= TestDevice.singleMaskIou(MASK_IOU), key + ": mask " + i + " has IoU " + iou);
            }
        }
    }

    /** How well masks cover the drawn objects, where the case knows them. */
    private static final class Truth {
        private final Path folder;
        private double sum;
        private int count;

        Truth(Path folder) {
            this.folder = folder.resolve("truth");
        }

        void add(FrameResult result) {
            for (TrackedObject object : result.objects()) {
                Path file = folder.resolve(String.format(Locale.ROOT, "%05d_obj%d.png", result.frame(), object.id()));
                Mask drawn = file.toFile().exists() ? MaskPng.read(file) : null;
                if (drawn != null && !drawn.isEmpty()) { // while the object is in view
                    sum += object.mask().iou(drawn);
                    count++;
                }
            }
        }

        void check(Fixture fixture) {
            JsonNode expected = fixture.description().get("meanTruthIoU");
            if (expected != null) {
                assertEquals(
                        expected.asDouble(), sum / count, TestDevice.scoreMax(TRUTH_IOU), "mean IoU with the truth");
            }
        }
    }
}
