package dev.sam2j.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.SinePositionEncoding;
import dev.sam2j.tensor.weights.Weights;
import dev.sam2j.weights.recorded.RecordedLayers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Attention to memories beside the reference's. Memory 0 has two maps and pointers, whose keys are not turned, memory 1
 * one map, memory 2 pointers only.
 */
class MemoryAttentionTest {
    private static final int SIDE = 6;
    private static final int CHANNELS = 32;
    private static final int MEMORIES = 3;

    @AutoClose
    private final RecordedLayers recorded = new RecordedLayers(MemoryAttentionTest.class);

    private final Ops ops = recorded.ops();
    private final Sam2Config config = Configs.parse(recorded.config(), "tiny");
    private final Weights weights = recorded.weights().at("memory_attention");
    private final Weights layer = weights.at("layers").at(1);

    @Test
    void rotaryTableOfTheGrid() {
        recorded.assertClose("rotary", RotaryTable.of(SIDE, CHANNELS, 10000));
    }

    @Test
    void sinePositionsOfTheFrame() {
        recorded.assertClose("framePositions", SinePositionEncoding.table(SIDE, SIDE, CHANNELS, 10000, 2 * Math.PI));
    }

    @Test
    void selfAttentionWithRotaryPositions() {
        Tensor x = recorded.tensor("tokens");
        Tensor normalised = new LayerNorm(layer.at("norm1"), CHANNELS, MemoryAttentionLayer.EPS).forward(ops, x);
        new SelfAttention(layer.at("self_attn"), CHANNELS).addTo(ops, normalised, recorded.tensor("rotary"), x);
        recorded.assertClose("selfAttention", x);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void crossAttentionToMapsAndPointers(int number) {
        Tensor x = tokens(number);
        Tensor normalised = new LayerNorm(layer.at("norm2"), CHANNELS, MemoryAttentionLayer.EPS).forward(ops, x);
        new MemoryCrossAttention(layer.at("cross_attn_image"), CHANNELS, config.memoryDim())
                .addTo(ops, normalised, List.of(memory(number)), recorded.tensor("rotary"), x);
        recorded.assertClose("crossAttention." + number, x);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void layer(int number) {
        Tensor x = tokens(number);
        Tensor rotary = recorded.tensor("rotary");
        MemoryAttentionLayer whole = new MemoryAttentionLayer(
                layer,
                CHANNELS,
                config.memoryDim(),
                config.memoryAttention().layer().dimFeedforward());
        whole.attendToFrame(ops, x, rotary);
        whole.attendToMemories(ops, x, List.of(memory(number)), rotary);
        recorded.assertClose("layer." + number, x);
    }

    @Test
    void allLayersForSeveralObjectsAtOnce() {
        MemoryAttention attention = new MemoryAttention(weights, config);
        List<MemoryTokens> memories = new ArrayList<>();
        for (int number = 0; number < MEMORIES; number++) {
            memories.add(memory(number));
        }
        Tensor conditioned = attention.forward(ops, recorded.tensor("frame"), memories);
        assertEquals(MEMORIES, conditioned.dim(0));
        for (int number = 0; number < MEMORIES; number++) {
            recorded.assertClose("memoryAttention." + number, conditioned.slice(number, number + 1));
        }
    }

    /** Each object is alone with its memory. */
    private Tensor tokens(int number) {
        return recorded.tensor("tokens").slice(number % 2, number % 2 + 1);
    }

    private MemoryTokens memory(int number) {
        String name = "memory." + number;
        int pointerTokens = (int) recorded.values(name + ".pointerTokens")[0];
        return new MemoryTokens(recorded.tensor(name + ".tokens"), recorded.tensor(name + ".positions"), pointerTokens);
    }
}
