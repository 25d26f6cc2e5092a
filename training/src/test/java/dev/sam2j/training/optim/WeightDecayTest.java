package dev.sam2j.training.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class WeightDecayTest {
    /** Every parameter of the demo model with the decay that the public recipe gives it. */
    @Test
    void isThatOfThePublicRecipeForEveryParameter() throws Exception {
        List<String> lines = lines();
        assertEquals(394, lines.size());
        for (String line : lines) {
            String[] parts = line.split(" ");
            assertEquals(Double.parseDouble(parts[0]) > 0, WeightDecay.applies(parts[1]), parts[1]);
        }
    }

    private static List<String> lines() throws IOException, java.net.URISyntaxException {
        return Files.readAllLines(
                Path.of(WeightDecayTest.class.getResource("weight-decay.txt").toURI()));
    }
}
