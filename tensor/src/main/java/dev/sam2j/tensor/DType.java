package dev.sam2j.tensor;

import java.util.Locale;

/** Element types of tensors and of checkpoint entries. */
public enum DType {
    /** IEEE 754 binary32. */
    F32(4),
    /** IEEE 754 binary16. */
    F16(2),
    /** The upper half of a binary32. */
    BF16(2);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether elements have two bytes. */
    public boolean isHalf() {
        return bytes == 2;
    }

    /** The name in lower case, as in names of kernels. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
