package dev.sam2j.heads;

import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.DenseImages;
import dev.sam2j.tensor.fused.Images;
import dev.sam2j.weights.recorded.RecordedLayers;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Tokens and image that attend to each other, beside the reference's. */
class TwoWayTransformerTest {
    private static final int CHANNELS = 32;

    @AutoClose
    private final RecordedLayers recorded = new RecordedLayers(TwoWayTransformerTest.class);

    private final Ops ops = recorded.ops();

    /** In this one the tokens' self-attention replaces the queries. */
    @Test
    void firstBlock() {
        check(0, recorded.tensor("tokens"), recorded.tensor("maskedImage").reshape(2, 36, CHANNELS));
    }

    @Test
    void secondBlock() {
        check(1, recorded.tensor(layer(0, "queries")), recorded.tensor(layer(0, "keys")));
    }

    @Test
    void allBlocksAndTheFinalAttention() {
        TwoWayTransformer transformer =
                new TwoWayTransformer(recorded.weights().at("sam_mask_decoder.transformer"), CHANNELS);
        Tensor image = recorded.tensor("maskedImage").reshape(2, 36, CHANNELS);
        Tensor tokens = recorded.tensor("tokens");
        Tensor queries = ops.empty(2, 9, CHANNELS);
        transformer.forward(ops, tokens, image(image), image(image), queries);
        recorded.assertClose("transformer", queries);
        recorded.assertClose(layer(1, "keys"), image);
    }

    private void check(int index, Tensor queries, Tensor image) {
        TwoWayBlock block = new TwoWayBlock(
                recorded.weights().at("sam_mask_decoder.transformer.layers").at(index), CHANNELS, index == 0);
        block.forward(ops, queries, recorded.tensor("tokens"), image(image), image(image));
        recorded.assertClose(layer(index, "queries"), queries);
        recorded.assertClose(layer(index, "keys"), image);
    }

    private Images image(Tensor tokens) {
        return new DenseImages(tokens, recorded.tensor("gridPositions"));
    }

    private static String layer(int index, String what) {
        return "transformer.layers." + index + "." + what;
    }
}
