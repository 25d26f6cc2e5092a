package dev.sam2j.cuda.ptx;

import dev.sam2j.cuda.ptx.interpreter.GlobalMemory;
import dev.sam2j.cuda.ptx.interpreter.Launch;
import dev.sam2j.cuda.ptx.interpreter.PtxModule;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Runs kernels in the interpreter on {@link Matrix} buffers and counts what was run. */
public final class KernelRunner {
    static final Set<String> INTERPRETED = ConcurrentHashMap.newKeySet();
    private static final Map<String, PtxModule> MODULES = new ConcurrentHashMap<>();
    static final LongAdder LAUNCHES = new LongAdder();
    static final LongAdder INSTRUCTIONS = new LongAdder();

    private final GlobalMemory memory = new GlobalMemory();

    /** Address of an input: writing to it is an error. A null matrix is an absent pointer. */
    public long in(String name, Matrix matrix) {
        return matrix == null ? 0 : memory.add(name, matrix.bytes(), false).address();
    }

    /** Address of an output, which may also be read. */
    public long out(String name, Matrix matrix) {
        return memory.add(name, matrix.bytes(), true).address();
    }

    public long in(String name, byte[] bytes) {
        return memory.add(name, bytes, false).address();
    }

    public long out(String name, byte[] bytes) {
        return memory.add(name, bytes, true).address();
    }

    public Launch.Statistics launch(PtxKernel kernel, PtxKernel.Grid grid, Object... arguments) {
        PtxModule module = MODULES.computeIfAbsent(kernel.source(), PtxModule::parse);
        Launch.Statistics statistics = new Launch(module, kernel.entry(), memory)
                .run(
                        new int[] {grid.x(), grid.y(), grid.z()},
                        new int[] {kernel.threads(), 1, 1},
                        kernel.sharedBytes(),
                        kernel.entry().hashCode(),
                        arguments);
        INTERPRETED.add(kernel.entry());
        LAUNCHES.increment();
        INSTRUCTIONS.add(statistics.instructions());
        return statistics;
    }
}
