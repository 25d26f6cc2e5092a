package dev.sam2j.tensor.training;

import dev.sam2j.tensor.Backend;

/** A backend that models can be trained on. */
public interface TrainingBackend extends Backend {
    /** The operations of training, which work on this backend's tensors. */
    TrainingOps training();
}
