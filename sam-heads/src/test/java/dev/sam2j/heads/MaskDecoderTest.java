package dev.sam2j.heads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sam2j.configs.Configs;
import dev.sam2j.configs.MaskDecoderConfig;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.Images;
import dev.sam2j.weights.recorded.RecordedLayers;
import java.util.Arrays;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Decoded prompts beside the reference's: masks with both finer features, qualities, presence and tokens. */
class MaskDecoderTest {
    private static final int CHANNELS = 32;
    private static final int PIXELS = 24 * 24;

    @AutoClose
    private final RecordedLayers recorded = new RecordedLayers(MaskDecoderTest.class);

    private final Ops ops = recorded.ops();
    private MaskDecoder decoder;
    private Tensor image;
    private Tensor noMask;
    private Tensor highRes0;
    private Tensor highRes1;
    private Tensor positions;

    @BeforeEach
    void build() {
        decoder = new MaskDecoder(recorded.weights().at("sam_mask_decoder"), Configs.parse(recorded.config(), "tiny"));
        image = recorded.tensor("image");
        noMask = recorded.tensor("noMask");
        highRes0 = recorded.tensor("highRes0");
        highRes1 = recorded.tensor("highRes1");
        positions = recorded.tensor("gridPositions");
    }

    @Test
    void decodesPoints() {
        assertOutput("decoded", recorded.tensor("points"), noMask);
    }

    @Test
    void decodesPointsWithMasks() {
        assertOutput("decodedMask", recorded.tensor("points"), recorded.tensor("smallMask"));
    }

    @Test
    void decodesNoPoints() {
        image = recorded.tensor("maskedImage").slice(0, 1);
        assertOutput("decodedNothing", null, ops.tensor(new float[CHANNELS], 1, 1, 1, CHANNELS));
    }

    private void assertOutput(String name, Tensor sparse, Tensor dense) {
        MaskDecoder.Output output = decoder.forward(ops, image, highRes0, highRes1, sparse, dense, positions);
        recorded.assertClose(name + ".queries", output.queries());
        recorded.assertClose(name + ".iou", output.iou());
        recorded.assertClose(name + ".objectScore", output.objectScore());
        recorded.assertClose(name + ".masks", output.masks());
    }

    @Test
    void drawsTheMasksOfAmbiguousPrompts() {
        MaskDecoder.Attended attended = decoder.attend(ops, image, recorded.tensor("points"), noMask, positions);
        assertAlternatives(attended);
    }

    @Test
    void sharesAnImageBetweenPrompts() {
        Images shared = decoder.share(ops, image, noMask, positions, 5);
        assertAlternatives(decoder.attend(ops, shared, recorded.tensor("points")));
    }

    /** Many prompts, one after another: from some number on they share it where the backend has a form for that. */
    @Test
    void promptsOfAnImage() {
        try (PromptedImage prompted = new PromptedImage(decoder, ops, image, highRes0, highRes1, noMask, positions)) {
            for (int i = 0; i < 4; i++) {
                DecodedMasks decoded = prompted.decode(recorded.tensor("points"), 1);
                recorded.assertClose("decoded.iou", decoded.iou());
                for (int mask = 1; mask < MaskDecoder.MASKS; mask++) {
                    float[] expected = recorded.values("decoded.masks").clone();
                    System.arraycopy(ops.toHost(decoded.mask(1, mask)), 0, expected, (4 + mask) * PIXELS, PIXELS);
                    recorded.assertClose("decoded.masks", expected);
                }
            }
        }
    }

    private void assertAlternatives(MaskDecoder.Attended attended) {
        recorded.assertClose("decoded.queries", attended.queries());
        recorded.assertClose("decoded.iou", attended.iou());
        recorded.assertClose("decoded.objectScore", attended.objectScore());
        float[] alternatives = ops.toHost(decoder.masks(ops, attended, highRes0, highRes1, 1));
        float[] all = recorded.values("decoded.masks");
        int each = 3 * PIXELS;
        float[] whole = all.clone(); // mask 0 of both prompts is not drawn
        System.arraycopy(alternatives, 0, whole, PIXELS, each);
        System.arraycopy(alternatives, each, whole, PIXELS + 4 * PIXELS, each);
        recorded.assertClose("decoded.masks", whole);
    }

    /** A stable mask, an unstable one and an empty one. */
    @Test
    void replacesUnstableMasks() {
        float[] candidates = recorded.values("candidates"); // (3, 4, 8, 8)
        float[] quality = recorded.values("quality"); // (3, 4)
        float[] chosen = recorded.values("chosen"); // (3, 1, 8, 8)
        MaskSelector selector = new MaskSelector(MaskDecoderConfig.POSTPROCESSING);
        for (int prompt = 0; prompt < 3; prompt++) {
            float[] masks = Arrays.copyOfRange(candidates, prompt * 4 * 64, (prompt + 1) * 4 * 64);
            int mask = selector.single(
                    Arrays.copyOf(masks, 64), Arrays.copyOfRange(quality, prompt * 4, (prompt + 1) * 4));
            assertArrayEquals(
                    Arrays.copyOfRange(chosen, prompt * 64, (prompt + 1) * 64),
                    Arrays.copyOfRange(masks, mask * 64, (mask + 1) * 64));
        }
    }
}
