package dev.sam2j.hiera;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.configs.Configs;
import dev.sam2j.tensor.Ops;
import dev.sam2j.weights.recorded.RecordedLayers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The whole encoder, layer by layer, beside the reference's. */
class ImageEncoderTest {
    @AutoClose
    private final RecordedLayers recorded = new RecordedLayers(ImageEncoderTest.class);

    @Test
    void computesWhatTheReferenceDoes() {
        Ops ops = recorded.ops();
        ImageEncoder encoder = new ImageEncoder(recorded.weights(), Configs.parse(recorded.config(), "tiny"));
        ImageFeatures features =
                new ImageFeatures(ops.empty(2, 6, 6, 32), ops.empty(2, 24, 24, 4), ops.empty(2, 12, 12, 8));
        List<String> seen = new ArrayList<>();
        encoder.forward(ops, recorded.tensor("image"), features, (name, tensor) -> {
            recorded.assertClose(name, tensor);
            seen.add(name);
        });
        assertEquals(
                List.of(
                        "trunk.pos_embed",
                        "trunk.patch_embed",
                        "trunk.blocks.0",
                        "trunk.blocks.1",
                        "trunk.blocks.2",
                        "trunk.blocks.3",
                        "trunk.blocks.4",
                        "trunk.blocks.5"),
                seen);
        recorded.assertClose("embedding", features.embedding());
        recorded.assertClose("highRes0", features.highRes0());
        recorded.assertClose("highRes1", features.highRes1());
    }
}
