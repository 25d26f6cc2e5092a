package dev.sam2j.kernels.ptx;

/** Storage type of the tensors a kernel reads and writes. */
public enum ElementType {
    /** IEEE 754 binary32. */
    F32(4, "f32"),
    /** The upper half of a binary32; stores round to nearest, ties to even. */
    BF16(2, "bf16");

    private final int bytes;
    private final String label;

    ElementType(int bytes, String label) {
        this.bytes = bytes;
        this.label = label;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Name as it occurs in kernel entries. */
    public String label() {
        return label;
    }
}
