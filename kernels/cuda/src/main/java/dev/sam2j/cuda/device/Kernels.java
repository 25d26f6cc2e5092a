package dev.sam2j.cuda.device;

import dev.sam2j.BackendException;
import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.cuda.ptx.PtxKernel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The kernels in use: each is written and compiled when first launched. */
public final class Kernels {
    private static final int PARAMETER_BYTES = 4096;

    private final CudaDriver driver;
    private final Runnable beforeLoad;
    private final Map<Object, Loaded> loaded = new HashMap<>();
    private final ByteBuffer parameters =
            ByteBuffer.allocateDirect(PARAMETER_BYTES).order(ByteOrder.nativeOrder());

    /** Kernels of a device; {@code beforeLoad} runs, and may throw, before one is compiled. */
    Kernels(CudaDriver driver, Runnable beforeLoad) {
        this.driver = driver;
        this.beforeLoad = beforeLoad;
    }

    private record Loaded(PtxKernel kernel, CudaDriver.Function function, int[] offsets) {}

    /** Finds the grid of a launch. */
    public interface GridOf {
        /** The grid of a launch. */
        PtxKernel.Grid of(PtxKernel kernel);
    }

    /** Launches a kernel over {@code items} threads. */
    public void over(long items, Object key, Supplier<PtxKernel> source, Object... arguments) {
        launch(key, source, kernel -> kernel.gridOver(items), arguments);
    }

    /**
     * Launches a kernel.
     *
     * @param key tells the kernel from all others
     * @param source writes it
     */
    public void launch(Object key, Supplier<PtxKernel> source, GridOf gridOf, Object... arguments) {
        Loaded target = load(key, source);
        PtxKernel kernel = target.kernel;
        kernel.pack(parameters, arguments);
        PtxKernel.Grid grid = gridOf.of(kernel);
        try {
            driver.launch(target.function, grid, target.offsets, parameters);
        } catch (BackendException e) {
            throw new BackendException(
                    "launch of " + kernel.entry() + ", grid " + grid.x() + " x " + grid.y() + " x " + grid.z() + ", "
                            + kernel.threads() + " threads, " + kernel.sharedBytes() + " bytes of shared memory: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Compiles a kernel that may be launched later, where nothing may be compiled. */
    void prepare(Object key, Supplier<PtxKernel> source) {
        load(key, source);
    }

    private Loaded load(Object key, Supplier<PtxKernel> source) {
        Loaded target = loaded.get(key);
        if (target == null) {
            beforeLoad.run();
            PtxKernel kernel = source.get();
            target = new Loaded(kernel, driver.load(kernel), kernel.parameterOffsets());
            loaded.put(key, target);
        }
        return target;
    }

    /** Number of kernels compiled. */
    int count() {
        return loaded.size();
    }

    void close() {
        loaded.values().forEach(each -> each.function.close());
        loaded.clear();
    }
}
