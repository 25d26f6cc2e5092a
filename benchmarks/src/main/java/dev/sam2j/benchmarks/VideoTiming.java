package dev.sam2j.benchmarks;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.video.LiveSession;
import dev.sam2j.tensor.Backend;
import java.util.Map;

/**
 * Times tracking into the next frame with full memory banks, in the format that {@code run-peers} compares: encoding,
 * memory attention, masks of all objects at the frame's size, new memories. Options: those of {@link TimingOptions} and
 * {@code --objects 1,4,16}. Random weights; frames of the model's size. The figure is called {@code video} for one
 * object, {@code video-4} for four.
 */
public final class VideoTiming {
    /** Frames until a memory is full, its pointers too, and what is recorded on a device has been. */
    private static final int WARM_UP_FRAMES = 30;

    private VideoTiming() {}

    /** Prints a line for each model and number of objects. */
    public static void main(String[] arguments) {
        TimingOptions options = new TimingOptions("VideoTiming", Map.of("--objects", "1"), arguments);
        int runs = options.number("--runs", 1);
        try (Backend backend = options.open()) {
            for (String name : options.list("--model")) {
                Sam2Config config = TimingOptions.config(name).withVideoPostprocessing();
                try (Sam2Model model = Sam2Model.of("random", config, new RandomWeights(config), backend)) {
                    for (int objects : options.numbers("--objects", 1)) {
                        String what = objects == 1 ? "video" : "video-" + objects;
                        options.print(what, name, backend, () -> frames(model, objects, runs));
                    }
                }
            }
        }
        options.exit();
    }

    private static long[] frames(Sam2Model model, int objects, int runs) {
        Picture picture = EncoderTiming.picture(model.config().imageSize());
        long[] nanos = new long[runs];
        try (LiveSession session = FullBank.open(model, picture, objects)) {
            for (int i = -Math.min(WARM_UP_FRAMES, runs); i < runs; i++) {
                long start = System.nanoTime();
                session.track(picture);
                if (i >= 0) {
                    nanos[i] = System.nanoTime() - start;
                }
            }
        }
        return nanos;
    }
}
