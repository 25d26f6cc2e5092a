package dev.sam2j.hiera;

import dev.sam2j.tensor.Tensor;

/** Sees intermediate results while they are valid; used to find where two implementations diverge. */
@FunctionalInterface
public interface LayerObserver {
    /** Looks away. */
    LayerObserver NONE = (name, tensor) -> {};

    /** Called when a layer has finished; the tensor may be overwritten after the call returns. */
    void layer(String name, Tensor tensor);
}
