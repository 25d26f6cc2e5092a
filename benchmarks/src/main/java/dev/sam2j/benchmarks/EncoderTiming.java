package dev.sam2j.benchmarks;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.memory.MemoryTokens;
import dev.sam2j.predictors.ImageEmbedding;
import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.PredictOptions;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Times encoding a picture, answering a click and the memory attention of a video frame, in the format that
 * {@code run-peers} compares. Options: those of {@link TimingOptions} and {@code --what encoder,click,image,memory}.
 * Weights are random; the picture is of the model's size, so that it is not scaled; {@code image} is encoding and one
 * click; the memory holds seven maps and sixteen pointers of one object.
 */
public final class EncoderTiming {
    private static final int LEAST_WARM_UP_RUNS = 3;
    private static final int WARM_UP_CLICKS = 60;

    private EncoderTiming() {}

    /** Prints a line for each model and figure. */
    public static void main(String[] arguments) {
        TimingOptions options = new TimingOptions("EncoderTiming", Map.of("--what", "encoder"), arguments);
        try (Backend backend = options.open()) {
            for (String name : options.list("--model")) {
                Sam2Config config = TimingOptions.config(name);
                try (LoadedModel model = LoadedModel.of("random", config, new RandomWeights(config), backend);
                        ImagePredictor predictor = model.imagePredictor()) {
                    for (String what : options.list("--what")) {
                        options.print(what, name, backend, () -> measure(what, model, predictor, options));
                    }
                }
            }
        }
        options.exit();
    }

    private static long[] measure(String what, LoadedModel model, ImagePredictor predictor, TimingOptions options) {
        int runs = options.number("--runs", 1);
        Picture picture = picture(model.config().imageSize());
        return switch (what) {
            case "encoder" -> encodings(predictor, model.backend(), picture, runs);
            case "click" -> clicks(predictor, picture, runs);
            case "image" -> images(predictor, picture, runs);
            case "memory" -> attentions(model, runs);
            default ->
                throw new IllegalArgumentException(
                        "EncoderTiming: --what: expected encoder, click, image or memory, got " + what);
        };
    }

    private static int warmUp(int runs) {
        return Math.max(LEAST_WARM_UP_RUNS, runs / 2);
    }

    static Picture picture(int size) {
        byte[] rgb = new byte[3 * size * size];
        new Random(1).nextBytes(rgb);
        return Picture.of(rgb, size, size);
    }

    private static long[] encodings(ImagePredictor predictor, Backend backend, Picture picture, int runs) {
        long[] nanos = new long[runs];
        for (int i = -warmUp(runs); i < runs; i++) {
            long start = System.nanoTime();
            try (ImageEmbedding embedding = predictor.encode(picture)) {
                backend.synchronize();
                if (i >= 0) {
                    nanos[i] = System.nanoTime() - start;
                }
            }
        }
        return nanos;
    }

    /** A click to three masks at the picture's size, as the peers' {@code predict}. */
    private static long[] clicks(ImagePredictor predictor, Picture picture, int runs) {
        predictor.setImage(picture);
        List<Prompt> prompt = List.of(Prompt.point(picture.width() / 2.0, picture.height() / 3.0));
        return TimingOptions.time(() -> predictor.predict(prompt, PredictOptions.DEFAULT), WARM_UP_CLICKS, runs);
    }

    private static long[] images(ImagePredictor predictor, Picture picture, int runs) {
        Prompt prompt = Prompt.point(picture.width() / 2.0, picture.height() / 3.0);
        return TimingOptions.time(
                () -> {
                    predictor.setImage(picture);
                    predictor.predict(prompt, PredictOptions.DEFAULT);
                },
                warmUp(runs),
                runs);
    }

    private static long[] attentions(LoadedModel model, int runs) {
        Sam2Config config = model.config();
        int side = config.embeddingSize();
        int pointers = config.maxObjPtrsInEncoder() * config.hiddenDim() / config.memoryDim();
        int keys = config.numMaskmem() * side * side + pointers;
        try (Ops ops = new Ops(model.backend())) {
            Tensor frame = noise(ops, 1, side, side, config.hiddenDim());
            MemoryTokens memory = new MemoryTokens(
                    noise(ops, 1, keys, config.memoryDim()), noise(ops, 1, keys, config.memoryDim()), pointers);
            return TimingOptions.time(
                    () -> {
                        try (Workspace.Frame scope = ops.frame()) {
                            ops.toHost(model.memory().attention().forward(ops, frame, List.of(memory)));
                        }
                    },
                    warmUp(runs),
                    runs);
        }
    }

    /** Values of the type that a model has them in. */
    private static Tensor noise(Ops ops, int... dims) {
        Random random = new Random(2);
        float[] values = new float[Math.toIntExact(Shape.of(dims).elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        Tensor tensor = ops.empty(dims);
        ops.backend().upload(values, 0, tensor);
        return tensor;
    }
}
