package dev.sam2j.benchmarks;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.LiveSession;
import dev.sam2j.predictors.video.Propagation;
import dev.sam2j.predictors.video.VideoSession;
import dev.sam2j.tensor.Backend;
import java.util.Map;

/**
 * Times tracking into the next frame with full memory banks, in the format that {@code run-peers} compares: encoding,
 * memory attention, masks of all objects at the frame's size, new memories. Options: those of {@link TimingOptions},
 * {@code --objects 1,4,16} and {@code --what video,live}: from one frame of a video to the next, or, where the next
 * frame is not there yet, from a frame to its masks. Random weights; frames of the model's size. The figure is called
 * {@code video} for one object, {@code video-4} for four.
 */
public final class VideoTiming {
    /** Frames until what a device needs of the host has been compiled; a few would do for the memories. */
    private static final int WARM_UP_FRAMES = 300;

    private VideoTiming() {}

    /** Prints a line for each model and number of objects. */
    public static void main(String[] arguments) {
        TimingOptions options =
                new TimingOptions("VideoTiming", Map.of("--objects", "1", "--what", "video"), arguments);
        int runs = options.number("--runs", 1);
        try (Backend backend = options.open()) {
            for (String name : options.list("--model")) {
                Sam2Config config = TimingOptions.config(name).withVideoPostprocessing();
                try (LoadedModel model = LoadedModel.of("random", config, new RandomWeights(config), backend)) {
                    for (String what : options.list("--what")) {
                        for (int objects : options.numbers("--objects", 1)) {
                            String figure = objects == 1 ? what : what + "-" + objects;
                            options.print(figure, name, backend, () -> measure(what, model, objects, runs));
                        }
                    }
                }
            }
        }
        options.exit();
    }

    private static long[] measure(String what, LoadedModel model, int objects, int runs) {
        Picture picture = EncoderTiming.picture(model.config().imageSize());
        int warmUp = Math.min(WARM_UP_FRAMES, runs);
        switch (what) {
            case "video" -> {
                int filling = 1 + FullBank.framesToFill(model);
                try (VideoSession session = FullBank.openVideo(model, picture, filling + warmUp + runs, objects)) {
                    Propagation frames = session.propagate();
                    for (int i = 0; i < filling; i++) {
                        frames.next();
                    }
                    return TimingOptions.time(frames::next, warmUp, runs);
                }
            }
            case "live" -> {
                try (LiveSession session = FullBank.openLive(model, picture, objects)) {
                    return TimingOptions.time(() -> session.track(picture), warmUp, runs);
                }
            }
            default -> throw new IllegalArgumentException("VideoTiming: --what: expected video or live, got " + what);
        }
    }
}
