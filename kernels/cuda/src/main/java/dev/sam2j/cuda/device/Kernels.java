package dev.sam2j.cuda.device;

import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import java.util.HashMap;
import java.util.Map;

/** The kernels in use: each is written and compiled when first launched. */
public final class Kernels {
    private final CudaDriver driver;
    private final Runnable beforeLoad;
    private final Map<PtxSource, Loaded> loaded = new HashMap<>();

    /** Kernels of a device; {@code beforeLoad} runs, and may throw, before one is compiled. */
    Kernels(CudaDriver driver, Runnable beforeLoad) {
        this.driver = driver;
        this.beforeLoad = beforeLoad;
    }

    private record Loaded(PtxKernel kernel, CudaDriver.Function function, int[] offsets) {}

    /** Begins a launch. */
    public Launch launch(PtxSource source) {
        Loaded target = load(source);
        return new Launch(driver, target.kernel, target.function, target.offsets);
    }

    /** Compiles a kernel that may be launched later, where nothing may be compiled. */
    void prepare(PtxSource source) {
        load(source);
    }

    private Loaded load(PtxSource source) {
        Loaded target = loaded.get(source);
        if (target == null) {
            beforeLoad.run();
            PtxKernel kernel = source.write();
            target = new Loaded(kernel, driver.load(kernel), kernel.parameterOffsets());
            loaded.put(source, target);
        }
        return target;
    }

    /** Number of kernels compiled. */
    public int count() {
        return loaded.size();
    }

    void close() {
        loaded.values().forEach(each -> each.function.close());
        loaded.clear();
    }
}
