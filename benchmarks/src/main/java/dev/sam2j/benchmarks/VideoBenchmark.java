package dev.sam2j.benchmarks;

import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.FrameResult;
import dev.sam2j.predictors.video.LiveSession;
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

/**
 * Tracking into the next frame with full memory banks: one prompted and six recent maps for each object, and as many
 * pointers as the model reads. The result is frames per second of the whole step: encoding, memory attention, masks of
 * all objects at the frame's size, new memories. Random weights; frames of the model's size.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 4)
@Measurement(iterations = 4, time = 4)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx8g"})
public class VideoBenchmark {
    /** Size of the model. */
    @Param({"t", "s", "b+", "l"})
    public String size;

    /** Objects tracked together. */
    @Param({"1"})
    public int objects;

    private Backend backend;
    private LoadedModel model;
    private LiveSession session;
    private Picture picture;

    /** Prompts the objects and tracks them until nothing more fits the banks. */
    @Setup
    public void setUp() {
        Sam2Config config = Configs.named("sam2.1_hiera_" + size).withVideoPostprocessing();
        backend = Backends.open("cpu", BackendOptions.DEFAULT);
        model = LoadedModel.of("random", config, new RandomWeights(config), backend);
        picture = EncoderTiming.picture(config.imageSize());
        session = FullBank.openLive(model, picture, objects);
    }

    /** One frame. */
    @Benchmark
    public FrameResult track() {
        return session.track(picture);
    }

    /** Frees everything. */
    @TearDown
    public void tearDown() {
        session.close();
        model.close();
        backend.close();
    }
}
