package dev.sam2j.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.configs.Configs;
import dev.sam2j.predictors.model.LoadedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model asks for exactly the tensors that a checkpoint of its size and generation holds. */
class ParameterInventoryTest {
    @ParameterizedTest
    @CsvSource({
        "sam2.1_hiera_t, weights_2.1_t.json",
        "sam2.1_hiera_s, weights_2.1_s.json",
        "sam2.1_hiera_b+, weights_2.1_bplus.json",
        "sam2.1_hiera_l, weights_2.1_l.json",
        "sam2_hiera_t, weights_2.0_t.json"
    })
    void matchesTheCheckpoint(String model, String list) throws IOException {
        Path file = Fixture.resources().resolve("fixtures").resolve(list);
        assertEquals(
                new TreeMap<>(DeterministicWeights.of(file, null).inventory()),
                new TreeMap<>(LoadedModel.parameters(Configs.named(model))));
    }
}
