package dev.sam2j.tensor;

import dev.sam2j.Precision;

/**
 * What a backend runs on and computes with; it does not change.
 *
 * @param name short, as in {@code --device}: {@code cpu} or {@code cuda:0}
 * @param description one line for people: instructions and threads, or card and driver
 * @param precision the number format of factors, never {@link Precision#AUTO}
 * @param activationType the element type of activations: what {@link Workspace} allocates unless told otherwise
 * @param captures whether {@link Backend#capture} repeats recordings, so that it pays to keep the tensors of a section
 *     at the same places
 */
public record BackendInfo(
        String name, String description, Precision precision, DType activationType, boolean captures) {}
