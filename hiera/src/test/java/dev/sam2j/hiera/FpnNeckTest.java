package dev.sam2j.hiera;

import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.weights.Weights;
import dev.sam2j.weights.recorded.RecordedLayers;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The feature pyramid, with the mask decoder's first convolutions, beside the reference's. */
class FpnNeckTest {
    @AutoClose
    private final RecordedLayers recorded = new RecordedLayers(FpnNeckTest.class);

    @Test
    void joinsTheStages() {
        Ops ops = recorded.ops();
        Sam2Config config = Configs.parse(recorded.config(), "tiny");
        Weights weights = recorded.weights();
        FpnNeck neck = new FpnNeck(
                weights.at("image_encoder.neck"), config.imageEncoder().neck(), weights.at("sam_mask_decoder"));
        List<Tensor> stages = Stream.of(0, 2, 4, 5)
                .map(block -> recorded.tensor("trunk.blocks." + block))
                .toList();
        ImageFeatures features =
                new ImageFeatures(ops.empty(2, 6, 6, 32), ops.empty(2, 24, 24, 4), ops.empty(2, 12, 12, 8));
        neck.forward(ops, stages, features);
        recorded.assertClose("embedding", features.embedding());
        recorded.assertClose("highRes0", features.highRes0());
        recorded.assertClose("highRes1", features.highRes1());
    }
}
