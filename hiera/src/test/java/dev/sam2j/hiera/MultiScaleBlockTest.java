package dev.sam2j.hiera;

import dev.sam2j.configs.Configs;
import dev.sam2j.configs.HieraConfig;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.weights.recorded.RecordedLayers;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Blocks of every kind beside the reference's; each gets what the reference's block before it gave. */
class MultiScaleBlockTest {
    @AutoClose
    private final RecordedLayers recorded = new RecordedLayers(MultiScaleBlockTest.class);

    @ParameterizedTest(name = "block {0}: {1}")
    @CsvSource({
        "0, windows that fill the grid",
        "1, pooled queries in windows that fill the grid",
        "2, windows beyond the grid",
        "3, pooled queries in windows beyond the grid",
        "4, the whole grid",
        "5, pooled queries in the last stage",
    })
    void computesWhatTheReferenceDoes(int index, String kind) {
        Ops ops = recorded.ops();
        HieraConfig.Block shape = Configs.parse(recorded.config(), "tiny")
                .imageEncoder()
                .trunk()
                .blocks()
                .get(index);
        MultiScaleBlock block = new MultiScaleBlock(
                recorded.weights().at("image_encoder.trunk.blocks").at(index), shape);
        Tensor x = recorded.tensor(index == 0 ? "trunk.patch_embed" : "trunk.blocks." + (index - 1));
        int pooling = shape.pooled() ? 2 : 1;
        Tensor y = block.changesShape()
                ? ops.emptyF32(x.dim(0), x.dim(1) / pooling, x.dim(2) / pooling, shape.dimOut())
                : x;
        block.forward(ops, x, y);
        recorded.assertClose("trunk.blocks." + index, y);
    }
}
