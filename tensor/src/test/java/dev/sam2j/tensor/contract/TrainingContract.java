package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.training.TrainingBackend;
import dev.sam2j.tensor.training.TrainingOps;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;

/**
 * Base of the tests of {@link TrainingOps}; backends that do not train are skipped. That the definitions of adjoints
 * are right is tested where they stand, in {@code ReferenceTrainingTest}.
 */
abstract class TrainingContract extends BackendContract {
    @BeforeEach
    void skipUnlessItTrains() {
        Assumptions.assumeTrue(backend() instanceof TrainingBackend, "does not train: " + backendName);
    }

    /** Runs an operation on both backends. */
    final void train(BiConsumer<TrainingOps, Backend> operation) {
        run(target -> operation.accept(((TrainingBackend) target).training(), target));
    }

    /** Training is in float32 whatever precision the backend has otherwise. */
    @Override
    double roundoff() {
        return 0;
    }
}
