package dev.sam2j.training.grad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sam2j.WeightsException;
import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.predictors.model.DemoCheckpoint;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.training.grad.ParameterStore.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ParameterStoreTest {
    private final CpuBackend backend = new CpuBackend(1);
    private final WeightSource source = DemoCheckpoint.open();
    private final ParameterStore store =
            new ParameterStore(source, backend, name -> name.startsWith("sam_mask_decoder."));
    private final Path decoder = store.root().at("sam_mask_decoder");

    @AfterEach
    void close() {
        store.close();
        backend.close();
    }

    private static float[] read(WeightSource weights, String name) {
        float[] values = new float[Math.toIntExact(weights.shape(name).elements())];
        weights.read(name, values, 0);
        return values;
    }

    @Test
    void layoutsAreUndoneWhenWeightsAreRead() {
        Path downscaling = store.root().at("sam_prompt_encoder.mask_downscaling");
        decoder.at("output_upscaling").transposed("0.weight", 128, 32);
        downscaling.at(3).matrix("weight", 16, 4, 2, 2);
        decoder.at("conv_s0").matrix("weight", 16, 128, 1, 1);
        decoder.vector("iou_token.weight", 1, 128);
        assertEquals(4, store.parameters().size());
        assertEquals(3, store.trained().size());
        for (Parameter parameter : store.parameters()) {
            assertArrayEquals(read(source, parameter.name()), read(store, parameter.name()), parameter.name());
        }
        assertEquals(List.copyOf(source.names()), List.copyOf(store.names()));
    }

    @Test
    void matricesAreThoseOfConvolutions() {
        Parameter parameter =
                store.root().at("sam_prompt_encoder.mask_downscaling.3").matrix("weight", 16, 4, 2, 2);
        float[] stored = read(source, parameter.name());
        float[] matrix = new float[stored.length];
        backend.download(parameter.value(), matrix, 0);
        // output 5, channel 3, row 1, column 0
        assertEquals(stored[((5 * 4 + 3) * 2 + 1) * 2], matrix[5 * 16 + 2 * 4 + 3]);
        Parameter transposed = decoder.at("output_upscaling.3").transposed("weight", 32, 16);
        stored = read(source, transposed.name());
        matrix = new float[stored.length];
        backend.download(transposed.value(), matrix, 0);
        // input 7, output 9, row 1, column 0
        assertEquals(stored[((7 * 16 + 9) * 2 + 1) * 2], matrix[(2 * 16 + 9) * 32 + 7]);
    }

    @Test
    void changedWeightsAreReadAndPackedAnew() {
        Parameter parameter = decoder.at("conv_s0").matrix("weight", 16, 128, 1, 1);
        var packed = parameter.packed();
        assertEquals(packed, parameter.packed());
        float[] values = read(store, parameter.name());
        values[3] += 1;
        parameter.write(values, parameter.value());
        assertNotEquals(packed, parameter.packed());
        assertArrayEquals(values, read(store, parameter.name()));
        assertNotEquals(values[3], read(source, parameter.name())[3]);
    }

    @Test
    void missingAndMisshapenTensorsAreNamed() {
        assertFalse(decoder.vector("iou_token.weight", 1, 128).takesPart());
        String message = assertThrows(WeightsException.class, () -> decoder.vector("iou_token.bias", 1, 128))
                .getMessage();
        assertEquals("sam2.1_hiera_demo.pt: expected sam_mask_decoder.iou_token.bias [1, 128], got none", message);
        assertThrows(WeightsException.class, () -> decoder.vector("mask_tokens.weight", 3, 128));
    }
}
