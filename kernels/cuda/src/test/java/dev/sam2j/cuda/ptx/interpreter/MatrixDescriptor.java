package dev.sam2j.cuda.ptx.interpreter;

/**
 * The descriptor of a {@code wgmma} operand in shared memory: rows (of M or N) by 16 elements of K. The operand
 * consists of blocks of 8 rows by {@code span} bytes, K-major, or of {@code span} bytes of rows by 8 elements of K,
 * MN-major; {@code span} is 16 without a swizzle. Swizzling exchanges the 16-byte chunks of a block by bits 7 to 9 of
 * the address.
 */
record MatrixDescriptor(int start, int leading, int stride, int span) {
    static final int K = 16;
    private static final int CHUNK = 16;
    private static final long USED_BITS = 3L << 62 | 0x3fffL << 32 | 0x3fffL << 16 | 0x3fffL;

    static MatrixDescriptor of(long bits) {
        if ((bits & ~USED_BITS) != 0) {
            throw new Fault("unsupported bits in the matrix descriptor 0x" + Long.toHexString(bits));
        }
        int mode = (int) (bits >>> 62);
        return new MatrixDescriptor(field(bits, 0), field(bits, 16), field(bits, 32), mode == 0 ? CHUNK : 256 >>> mode);
    }

    private static int field(long bits, int shift) {
        return (int) (bits >>> shift & 0x3fff) << 4;
    }

    /** Address of an element. */
    int address(boolean transposed, int row, int k) {
        int linear = start + (transposed ? rowMajor(row, k) : kMajor(row, k));
        return linear ^ (linear >>> 7 & span / CHUNK - 1) << 4;
    }

    private int kMajor(int row, int k) {
        int column = span == CHUNK ? k / 8 * leading + k % 8 * 2 : 2 * k;
        return row / 8 * stride + row % 8 * span + column;
    }

    private int rowMajor(int row, int k) {
        int perBlock = span / 2;
        int betweenRows = span == CHUNK ? stride : leading;
        int betweenK = span == CHUNK ? leading : stride;
        return row / perBlock * betweenRows + row % perBlock * 2 + k / 8 * betweenK + k % 8 * span;
    }

    /** Addresses of the chunks that hold {@code count} rows from {@code first}. */
    int[] chunks(boolean transposed, int first, int count) {
        int[] chunks = new int[count * K / 8];
        for (int i = 0; i < chunks.length; i++) {
            chunks[i] = transposed ? address(true, first + i / K * 8, i % K) : address(false, first + i / 2, i % 2 * 8);
        }
        return chunks;
    }
}
