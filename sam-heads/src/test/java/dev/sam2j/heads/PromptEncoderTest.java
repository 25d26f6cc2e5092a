package dev.sam2j.heads;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.configs.Configs;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.weights.recorded.RecordedLayers;
import java.util.Arrays;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Embedded prompts beside the reference's. */
class PromptEncoderTest {
    private static final int CHANNELS = 32;

    @AutoClose
    private final RecordedLayers recorded = new RecordedLayers(PromptEncoderTest.class);

    private final Ops ops = recorded.ops();
    private PromptEncoder encoder;

    @BeforeEach
    void build() {
        encoder = new PromptEncoder(
                recorded.weights().at("sam_prompt_encoder"), Configs.parse(recorded.config(), "tiny"));
    }

    /** Clicks of both kinds, corners and padding points, for two prompts. */
    @Test
    void embedsPoints() {
        recorded.assertClose("points", encoder.points(ops, recorded.values("coordinates"), labels(), 2));
    }

    /** The reference has a path of its own for boxes; here they are two points. */
    @Test
    void embedsBoxesAsTwoPoints() {
        float[] all = recorded.values("coordinates"); // of five points for each of two prompts
        float[] corners = new float[8];
        System.arraycopy(all, 6, corners, 0, 4);
        System.arraycopy(all, 16, corners, 4, 4);
        int[] labels = {
            PromptEncoder.BOX_TOP_LEFT, PromptEncoder.BOX_BOTTOM_RIGHT,
            PromptEncoder.BOX_TOP_LEFT, PromptEncoder.BOX_BOTTOM_RIGHT
        };
        float[] tokens = ops.toHost(encoder.points(ops, corners, labels, 2)); // a padding point after each box
        float[] boxes = new float[4 * CHANNELS];
        System.arraycopy(tokens, 0, boxes, 0, 2 * CHANNELS);
        System.arraycopy(tokens, 3 * CHANNELS, boxes, 2 * CHANNELS, 2 * CHANNELS);
        recorded.assertClose("boxes", boxes);
    }

    @Test
    void embedsNoPoints() {
        recorded.assertClose("noPoints", encoder.noPoints(ops, 2));
        Tensor padding = encoder.points(ops, new float[4], new int[] {PromptEncoder.PADDING, PromptEncoder.PADDING}, 2);
        recorded.assertClose("noPoints", padding);
    }

    @Test
    void embedsMasks() {
        recorded.assertClose("mask", encoder.mask(ops, recorded.tensor("maskLogits")));
    }

    @Test
    void embedsNoMask() {
        recorded.assertClose("noMask", encoder.noMask());
    }

    @Test
    void encodesThePositionsOfTheGrid() {
        recorded.assertClose("gridPositions", encoder.gridPositions());
    }

    private int[] labels() {
        float[] values = recorded.values("labels");
        int[] labels = new int[values.length];
        Arrays.setAll(labels, i -> (int) values[i]);
        assertEquals(10, labels.length);
        return labels;
    }
}
