package dev.sam2j.benchmarks;

import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.AttendImage;
import dev.sam2j.tensor.fused.AttendTokens;
import dev.sam2j.tensor.fused.DenseImages;
import dev.sam2j.tensor.fused.DrawMasks;
import dev.sam2j.tensor.fused.MaskUpscaling;
import dev.sam2j.tensor.fused.Norm;
import dev.sam2j.tensor.fused.Projection;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import java.util.Random;
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
 * The mask decoder's operations between tokens and image, with the released models' sizes: 8 tokens a prompt, an image
 * of 64 x 64 positions and 256 channels. With projections moved to the tokens the two attentions cost 268 million
 * floating-point operations a prompt each, drawing four masks 822 million.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class DecoderBenchmark {
    private static final int SIDE = 64;
    private static final int TOKENS = 8;
    private static final int HEADS = 8;
    private static final int CHANNELS = 256;
    private static final int INNER = 128;
    private static final int MASKS = 4;

    /** Prompts of a call. */
    @Param({"1", "4"})
    private int prompts;

    private final Random random = new Random(1);
    private Ops ops;
    private DenseImages images;
    private Tensor tokens;
    private Tensor seen;
    private Projection inward;
    private Projection outward;
    private Norm norm;
    private DenseImages updated;
    private MaskUpscaling upscaling;
    private Tensor highRes0;
    private Tensor highRes1;
    private Tensor filters;
    private Tensor masks;

    /** Makes random operands. */
    @Setup
    public void setUp() {
        ops = new Ops(Backends.open(System.getProperty("sam2j.device", "cpu"), BackendOptions.DEFAULT));
        images = new DenseImages(random(prompts, SIDE * SIDE, CHANNELS), random(1, SIDE * SIDE, CHANNELS));
        tokens = random(prompts, TOKENS, INNER);
        seen = ops.empty(prompts, TOKENS, INNER);
        inward = projection(INNER, CHANNELS, INNER);
        outward = projection(CHANNELS, INNER, CHANNELS);
        norm = new Norm(random(CHANNELS), random(CHANNELS), 1e-5f);
        updated = images.expand(prompts, TOKENS, ops.workspace());
        int c1 = CHANNELS / 4;
        int c2 = CHANNELS / 8;
        upscaling = new MaskUpscaling(
                projection(4 * c1, CHANNELS, c1), new Norm(random(c1), random(c1), 1e-6f), projection(4 * c2, c1, c2));
        highRes0 = random(1, 4 * SIDE, 4 * SIDE, c2);
        highRes1 = random(1, 2 * SIDE, 2 * SIDE, c1);
        filters = random(prompts, MASKS, c2);
        masks = ops.empty(prompts, MASKS, 16 * SIDE * SIDE);
    }

    private Projection projection(int out, int in, int bias) {
        return new Projection(ops.backend().pack(values(out * in), out, in), random(bias));
    }

    private Tensor random(int... dims) {
        int n = 1;
        for (int dim : dims) {
            n *= dim;
        }
        return ops.tensor(values(n), dims);
    }

    private float[] values(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = 0.1f * (float) random.nextGaussian();
        }
        return values;
    }

    /** Tokens look at the image. */
    @Benchmark
    public void attendImage() {
        ops.run(new AttendImage(tokens, images, inward, inward, HEADS, seen));
        ops.backend().synchronize();
    }

    /** The image looks at the tokens and is normalised. */
    @Benchmark
    public void attendTokens() {
        ops.run(new AttendTokens(images, tokens, tokens, inward, outward, HEADS, norm, updated));
        ops.backend().synchronize();
    }

    /** Four masks of each prompt. */
    @Benchmark
    public void drawMasks() {
        ops.run(new DrawMasks(images, upscaling, highRes0, highRes1, filters, masks));
        ops.backend().synchronize();
    }

    /** Frees memory and threads. */
    @TearDown
    public void tearDown() {
        ops.close();
        ops.backend().close();
    }
}
