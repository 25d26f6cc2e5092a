package dev.sam2j;

/** Number format that a backend stores activations in and multiplies. */
public enum Precision {
    /** What the backend does best: float32 on the CPU, bfloat16 on a GPU. */
    AUTO,
    /** float32 throughout. */
    FP32,
    /** float32 storage; a GPU's matrix products round their factors to 10 bits after the point. */
    TF32,
    /**
     * float16 storage with float32 accumulation: as fast as {@link #BF16} and eight times as fine, but magnitudes end
     * at 65504, which larger ones become.
     */
    FP16,
    /**
     * bfloat16 storage with float32 accumulation on a GPU; the CPU stores float32 and rounds the weights and what it
     * multiplies, where it has the instructions for that.
     */
    BF16
}
