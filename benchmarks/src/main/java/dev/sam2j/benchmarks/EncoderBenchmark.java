package dev.sam2j.benchmarks;

import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.ImageEmbedding;
import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.PredictOptions;
import dev.sam2j.predictors.Prediction;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Encoding a picture of the model's size, and answering a click with three masks of that size; random weights. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx6g"})
public class EncoderBenchmark {
    /** Size of the model. */
    @Param({"t", "s", "b+", "l"})
    public String size;

    private Backend backend;
    private LoadedModel model;
    private ImagePredictor predictor;
    private Picture picture;

    /** Loads the model and encodes a picture for the clicks. */
    @Setup
    public void setUp() {
        Sam2Config config = Configs.named("sam2.1_hiera_" + size);
        backend = Backends.open("cpu", BackendOptions.DEFAULT);
        model = LoadedModel.of("random", config, new RandomWeights(config), backend);
        predictor = model.imagePredictor();
        picture = EncoderTiming.picture(config.imageSize());
        predictor.setImage(picture);
    }

    /** Pixels to features. */
    @Benchmark
    public int encode() {
        try (ImageEmbedding embedding = predictor.encode(picture)) {
            return embedding.width();
        }
    }

    /** A click to three masks. */
    @Benchmark
    public Prediction click() {
        return predictor.predict(Prompt.point(300, 400), PredictOptions.DEFAULT);
    }

    /** Frees everything. */
    @TearDown
    public void tearDown() {
        predictor.close();
        model.close();
        backend.close();
    }
}
