package dev.sam2j.cuda.ptx;

import java.util.List;

/**
 * A kernel and how to launch it: one module with one entry.
 *
 * @param entry name of the entry, unique over all kernels
 * @param target architecture the module is written for; it runs on this and newer ones, or on this one only if the
 *     name ends in a
 * @param parameters parameters in the order of the launch
 * @param threads threads of a block, along x
 * @param sharedBytes dynamic shared memory of a block; more than 48 KiB must be asked for before the launch
 * @param source PTX text
 */
public record PtxKernel(
        String entry, String target, List<Parameter> parameters, int threads, int sharedBytes, String source) {

    /** Most blocks along y and z. */
    private static final int MAX_YZ = 65535;

    /** Types of parameters. */
    public enum Type {
        /** A 64-bit device address; the argument is a Long. */
        POINTER(8, "u64"),
        /** A 32-bit integer. */
        INT(4, "u32"),
        /** A float32. */
        FLOAT(4, "f32");

        private final int bytes;
        private final String ptx;

        Type(int bytes, String ptx) {
            this.bytes = bytes;
            this.ptx = ptx;
        }

        /** Its name in PTX. */
        String ptx() {
            return ptx;
        }

        /** Size of a value. */
        public int bytes() {
            return bytes;
        }
    }

    /** One parameter. */
    public record Parameter(Type type, String name) {
        private static final String STRIDE = "_stride";

        /** Whether this is the stride of a matrix. */
        public boolean isStrideOf(String matrix) {
            return name.length() == matrix.length() + STRIDE.length()
                    && name.startsWith(matrix)
                    && name.endsWith(STRIDE);
        }
    }

    /** Numbers of blocks along the three axes. */
    public record Grid(int x, int y, int z) {
        /** A grid that a device accepts. */
        public Grid {
            if (x < 1 || y < 1 || z < 1 || y > MAX_YZ || z > MAX_YZ) {
                throw new IllegalArgumentException("grid: " + x + " x " + y + " x " + z + " blocks cannot be launched");
            }
        }
    }

    /**
     * The grid that gives each of {@code items} one thread.
     *
     * @throws IllegalArgumentException if there are none, or 2^31 and more
     */
    public Grid gridOver(long items) {
        return gridOver(items, threads);
    }

    /** The grid of blocks that handle {@code perBlock} of {@code items} each. */
    public Grid gridOver(long items, int perBlock) {
        if (items < 1 || items > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(entry + ": expected 1 to 2^31 - 1 items, got " + items);
        }
        return new Grid((int) ((items + perBlock - 1) / perBlock), 1, 1);
    }

    /** Offset in bytes of each parameter's value in a block of parameters; the size of the block comes last. */
    public int[] parameterOffsets() {
        int[] offsets = new int[parameters.size() + 1];
        int end = 0;
        for (int i = 0; i < parameters.size(); i++) {
            int bytes = parameters.get(i).type().bytes();
            offsets[i] = (end + bytes - 1) / bytes * bytes;
            end = offsets[i] + bytes;
        }
        offsets[parameters.size()] = end;
        return offsets;
    }
}
