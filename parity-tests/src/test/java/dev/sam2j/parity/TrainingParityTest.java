package dev.sam2j.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import dev.sam2j.tensor.training.TrainingBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses, gradients and steps of the optimiser against recorded runs of the public training code in float64. */
class TrainingParityTest {
    static List<Path> cases() throws IOException {
        return Fixture.folders("fixtures", "train_");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matchesTheReference(Path folder) throws IOException {
        try (TrainingBackend backend = (TrainingBackend) Backends.open("cpu", BackendOptions.DEFAULT)) {
            TrainingErrors errors = TrainingCheck.check(folder, backend);
            System.out.println(folder.getFileName() + "\n" + errors.summary());
            assertEquals(List.of(), errors.violations());
        }
    }
}
