package dev.sam2j.cuda.device;

import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.tensor.DType;

/**
 * A sum {@code x += product + bias} that has been deferred: what usually comes next is a layer norm of x, which then
 * reads x once for both. Whoever else uses the device settles the sum first.
 */
public final class DeferredUpdate {
    private final CudaDevice device;
    private final DeviceHeap heap;
    private Update update;
    private Runnable sum;
    private DeviceHeap.Block products;
    private int fused;

    /** The sum: float32 x, product in two bytes of as many rows and columns, float32 bias of one row. */
    public record Update(DeviceMatrix x, DeviceMatrix product, DeviceMatrix bias) {}

    DeferredUpdate(CudaDevice device, DeviceHeap heap) {
        this.device = device;
        this.heap = heap;
    }

    /** Room for a product that stays until its sum has been computed. */
    public DeviceMatrix room(DType type, int rows, int columns) {
        settle();
        long bytes = (long) rows * columns * type.bytes();
        if (products == null || products.bytes() < bytes) {
            device.graphs().refuse("takes more memory for products");
            products = heap.allocate(bytes); // smaller ones may be part of recordings, they stay where they are
        }
        return new DeviceMatrix(products.address(), type, rows, columns, columns);
    }

    /**
     * Defers a sum. Both kernels that may come of it are compiled here: which one it is can differ between a section
     * and its recording, as weights that are loaded on the way settle the sum.
     *
     * @param whenSettled computes the sum alone
     * @param kernels that may be launched
     */
    public void defer(Update deferred, Runnable whenSettled, PtxSource... kernels) {
        for (PtxSource kernel : kernels) {
            device.kernels().prepare(kernel);
        }
        update = deferred;
        sum = whenSettled;
    }

    /** Takes the sum over if there is one of x; settles any other. */
    public Update take(DeviceMatrix x) {
        if (update != null && update.x.equals(x)) {
            Update taken = update;
            update = null;
            fused++;
            return taken;
        }
        settle();
        return null;
    }

    /** How many sums have been taken over. */
    int fused() {
        return fused;
    }

    /** Forgets a sum that was deferred in a recording that is thrown away. */
    void forget() {
        update = null;
    }

    /** Computes the sum, if there is one. */
    public void settle() {
        if (update != null) {
            update = null;
            sum.run();
        }
    }
}
