package dev.sam2j.cuda.ptx.interpreter;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** One kernel launch on {@link GlobalMemory}. Blocks run one after the other, in an order that the seed decides. */
public final class Launch {
    private final KernelCode code;
    private final GlobalMemory memory;

    /**
     * What a launch did.
     *
     * @param instructions warp instructions executed
     * @param bankConflicts extra cycles of loads, stores and ldmatrix in shared memory because lanes met in a bank
     */
    public record Statistics(long instructions, long bankConflicts) {}

    /** A launcher of one entry. */
    public Launch(PtxModule module, String entry, GlobalMemory memory) {
        code = module.kernel(entry);
        this.memory = memory;
    }

    /**
     * Runs the grid.
     *
     * @param arguments one Long (pointer or 64-bit integer), Integer or Float per kernel parameter
     * @throws PtxException at the first access or synchronisation that is not defined
     */
    public Statistics run(int[] grid, int[] block, int dynamicSharedBytes, long seed, Object... arguments) {
        return run(grid, block, dynamicSharedBytes, seed, pack(arguments));
    }

    /** Runs the grid with a block of parameters as a driver copies it: each value at its aligned offset. */
    public Statistics run(int[] grid, int[] block, int dynamicSharedBytes, long seed, byte[] parameters) {
        int shared = dynamicSharedBytes == 0
                ? code.sharedBytes()
                : (code.sharedBytes() + 127) / 128 * 128 + dynamicSharedBytes;
        Random random = new Random(seed);
        List<int[]> positions = new ArrayList<>();
        for (int i = 0; i < grid[0] * grid[1] * grid[2]; i++) {
            positions.add(new int[] {i % grid[0], i / grid[0] % grid[1], i / grid[0] / grid[1]});
        }
        Collections.shuffle(positions, random);
        long executed = 0;
        long conflicts = 0;
        memory.startLaunch();
        for (int[] position : positions) {
            memory.startBlock();
            Block running = new Block(code, grid, block, position, memory, shared, parameters);
            executed += running.run(random);
            conflicts += running.conflicts();
        }
        return new Statistics(executed, conflicts);
    }

    private byte[] pack(Object... arguments) {
        List<KernelCode.Parameter> declared = code.parameters();
        if (declared.size() != arguments.length) {
            throw new PtxException(
                    code.name() + ": expected " + declared.size() + " arguments, got " + arguments.length);
        }
        ByteBuffer buffer = ByteBuffer.allocate(8 * declared.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < arguments.length; i++) {
            KernelCode.Parameter parameter = declared.get(i);
            String type = parameter.type();
            if (arguments[i] instanceof Long value && parameter.bytes() == 8) {
                buffer.putLong(parameter.offset(), value);
            } else if (arguments[i] instanceof Integer value && parameter.bytes() == 4 && !type.equals("f32")) {
                buffer.putInt(parameter.offset(), value);
            } else if (arguments[i] instanceof Float value && type.equals("f32")) {
                buffer.putFloat(parameter.offset(), value);
            } else {
                throw new PtxException(code.name() + ": argument " + i + " of type "
                        + arguments[i].getClass().getSimpleName()
                        + " does not fit ." + type + " " + parameter.name());
            }
        }
        return buffer.array();
    }
}
