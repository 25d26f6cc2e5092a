package dev.sam2j.training.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.predictors.model.DemoCheckpoint;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.training.grad.Parameter;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.ParameterStore.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OptimizerTest {
    private static final double DECAY = 0.1;
    private static final double CLIP = 0.1;

    private final CpuBackend backend = new CpuBackend(1);
    private final ParameterStore store = new ParameterStore(DemoCheckpoint.open(), backend, name -> true);
    private final Path decoder = store.root().at("sam_mask_decoder");
    private final Parameter token = decoder.vector("iou_token.weight", 1, 128);
    private final Parameter norm = decoder.vector("transformer.norm_final_attn.weight", 128);
    private final Parameter unused = decoder.vector("mask_tokens.weight", 4, 128);
    private final Optimizer optimizer = new Optimizer(backend.training(), store, DECAY, CLIP);

    @AfterEach
    void close() {
        store.close();
        backend.close();
    }

    private float[] read(Tensor tensor) {
        float[] values = new float[(int) tensor.shape().elements()];
        backend.download(tensor, values, 0);
        return values;
    }

    /** Gives a parameter a gradient, as a tape does. */
    private void gradient(Parameter parameter, float value) {
        float[] values = new float[128];
        Arrays.fill(values, value);
        backend.upload(values, 0, parameter.var().gradient());
    }

    @Test
    void theNormIsThatOfTheMeanGradientOfWhatTookPart() {
        gradient(token, 3);
        gradient(norm, -4);
        assertEquals(5 * Math.sqrt(128), optimizer.norm(1), 1e-12);
        assertEquals(2.5 * Math.sqrt(128), optimizer.norm(2), 1e-12);
        gradient(norm, Float.NaN);
        assertEquals(Double.NaN, optimizer.norm(1));
    }

    /** The first step of Adam moves by the rate whatever the gradient, as long as it is far above epsilon. */
    @Test
    void weightsDecayByTheirKind() {
        float[] tokens = read(token.value());
        float[] norms = read(norm.value());
        gradient(token, 3);
        gradient(norm, -4);
        optimizer.step(0.01, optimizer.norm(1), 1);
        for (int i = 0; i < 128; i++) {
            assertEquals(tokens[i] * (1 - 0.01 * DECAY) - 0.01, read(token.value())[i], 1e-6);
            assertEquals(norms[i] + 0.01, read(norm.value())[i], 1e-6);
        }
    }

    @Test
    void longGradientsAreClippedAndShortOnesAreNot() {
        gradient(token, 3);
        optimizer.step(0, optimizer.norm(2), 2);
        // The mean of two batches, 1.5, is as long as 1.5 sqrt(128); a tenth of it enters the mean of gradients.
        double length = 1.5 * Math.sqrt(128);
        double clipped = 1.5 * CLIP / (length + 1e-6);
        assertEquals(0.1 * clipped, read(token.mean())[5], 1e-8);
        assertEquals(0.001 * clipped * clipped, read(token.square())[5], 1e-9);
        store.clearGradients();
        gradient(norm, 1e-3f);
        optimizer.step(0, optimizer.norm(1), 1);
        assertEquals(0.1 * 1e-3, read(norm.mean())[5], 1e-9);
    }

    @Test
    void parametersThatTookNoPartAreLeftAsTheyAre() {
        float[] before = read(unused.value());
        float[] tokens = read(token.value());
        for (int step = 0; step < 3; step++) {
            store.clearGradients();
            gradient(token, 0);
            if (step == 1) {
                gradient(norm, 1);
            }
            optimizer.step(0.1, optimizer.norm(1), 1);
        }
        assertArrayEquals(before, read(unused.value()));
        assertEquals(0, unused.steps());
        assertEquals(1, norm.steps());
        // A gradient of zeros is a step, which decays.
        assertEquals(3, token.steps());
        for (int i = 0; i < tokens.length; i++) {
            assertEquals(tokens[i] * Math.pow(1 - 0.1 * DECAY, 3), read(token.value())[i], 1e-6);
        }
    }
}
