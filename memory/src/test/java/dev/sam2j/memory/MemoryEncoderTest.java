package dev.sam2j.memory;

import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.weights.Weights;
import dev.sam2j.weights.recorded.RecordedLayers;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memories of two masks on one frame beside the reference's. */
class MemoryEncoderTest {
    private static final int CHANNELS = 32;

    @AutoClose
    private final RecordedLayers recorded = new RecordedLayers(MemoryEncoderTest.class);

    private final Ops ops = recorded.ops();
    private final Sam2Config config = Configs.parse(recorded.config(), "tiny");
    private final Weights weights = recorded.weights().at("memory_encoder");

    @Test
    void maskDownsampler() {
        MaskDownsampler downsampler = new MaskDownsampler(
                weights.at("mask_downsampler"), config.memoryEncoder().maskDownsampler(), CHANNELS);
        Tensor nothing = ops.tensor(new float[36 * CHANNELS], 1, 6, 6, CHANNELS);
        Tensor shrunk = ops.empty(2, 6, 6, CHANNELS);
        downsampler.forwardAdd(ops, recorded.tensor("masks"), nothing, shrunk);
        recorded.assertClose("maskDownsampler", shrunk);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void fuserBlock(int index) {
        Tensor x = recorded.tensor(index == 0 ? "maskDownsampler" : "fuser.layers.0");
        new FuserBlock(weights.at("fuser.layers").at(index), CHANNELS).forward(ops, x);
        recorded.assertClose("fuser.layers." + index, x);
    }

    @Test
    void wholeEncoder() {
        MemoryEncoder encoder = new MemoryEncoder(weights, config);
        recorded.assertClose(
                "memoryEncoder", encoder.forward(ops, recorded.tensor("embedding"), recorded.tensor("masks")));
        recorded.assertClose("memoryEncoder.positions", encoder.positions());
    }
}
