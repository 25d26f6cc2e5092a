package dev.sam2j.tensor;

/** Number format that a backend stores activations in and multiplies. */
public enum Precision {
    /** What the backend does best: float32 on the CPU. */
    AUTO,
    /** float32 throughout. */
    FP32,
    /** bfloat16 storage with float32 accumulation. */
    BF16
}
