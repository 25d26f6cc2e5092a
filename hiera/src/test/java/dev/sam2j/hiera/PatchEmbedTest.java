package dev.sam2j.hiera;

import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.weights.recorded.RecordedLayers;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Patches and their positions beside the reference's. */
class PatchEmbedTest {
    @AutoClose
    private final RecordedLayers recorded = new RecordedLayers(PatchEmbedTest.class);

    private PatchEmbed layer;

    @BeforeEach
    void build() {
        Sam2Config config = Configs.parse(recorded.config(), "tiny");
        layer = new PatchEmbed(
                recorded.weights().at("image_encoder.trunk"),
                config.imageEncoder().trunk(),
                config.imageSize());
    }

    @Test
    void enlargesTheBackgroundAndTilesTheWindow() {
        recorded.assertClose("trunk.pos_embed", layer.positions());
    }

    @Test
    void convolvesAndAddsPositions() {
        recorded.assertClose("trunk.patch_embed", layer.forward(recorded.ops(), recorded.tensor("image")));
    }
}
