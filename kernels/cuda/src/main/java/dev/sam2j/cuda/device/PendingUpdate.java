package dev.sam2j.cuda.device;

import dev.sam2j.cuda.ptx.ElementwiseKernels;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.rows.LayerNormRegistersKernel;
import dev.sam2j.tensor.DType;
import java.util.List;

/**
 * A sum {@code x += product + bias} that has been put off: what usually comes next is a layer norm of x, which then
 * reads x once for both. Whoever else uses the device settles the sum first.
 */
public final class PendingUpdate {
    private final CudaDevice device;
    private final DeviceHeap heap;
    private Update update;
    private DeviceHeap.Block products;
    private int fused;

    /** The sum: float32 x, product in two bytes of as many rows and columns, float32 bias of one row. */
    public record Update(DeviceMatrix x, DeviceMatrix product, DeviceMatrix bias) {}

    PendingUpdate(CudaDevice device, DeviceHeap heap) {
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
     * Puts a sum off. Both kernels that may come of it are compiled here: which one it is can differ between a section
     * and its recording, as weights that are loaded on the way settle the sum.
     */
    public void put(Update put) {
        LayerNormRegistersKernel.Layout layout = LayerNormRegistersKernel.Layout.updating(put.x.columns());
        int width = width(put);
        DType type = put.product.type();
        device.kernels().prepare(normKey(type, layout), () -> normKernel(type, layout));
        device.kernels().prepare(sumKey(type, width), () -> sumKernel(type, width));
        update = put;
    }

    /** Tells the kernel of {@link #normKernel} from all others. */
    public static Object normKey(DType type, LayerNormRegistersKernel.Layout layout) {
        return List.of("layerNormUpdate", type, layout);
    }

    /** The kernel for a sum and the layer norm after it. */
    public static PtxKernel normKernel(DType type, LayerNormRegistersKernel.Layout layout) {
        return LayerNormRegistersKernel.updating(type, layout);
    }

    private static Object sumKey(DType type, int width) {
        return List.of("epilogue", type, DType.F32, width);
    }

    private static PtxKernel sumKernel(DType type, int width) {
        return ElementwiseKernels.epilogue(type, DType.F32, width);
    }

    private static int width(Update update) {
        return DeviceMatrix.greatestWidth(update.product, update.bias, null, update.x, update.x);
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

    /** Forgets a sum that was put off in a recording that is thrown away. */
    void forget() {
        update = null;
    }

    /** Computes the sum, if there is one. */
    public void settle() {
        if (update == null) {
            return;
        }
        Update settled = update;
        update = null;
        DeviceMatrix x = settled.x;
        int width = width(settled);
        DType type = settled.product.type();
        device.kernels()
                .over(
                        (long) x.rows() * x.columns() / width,
                        sumKey(type, width),
                        () -> sumKernel(type, width),
                        settled.product.address(),
                        settled.product.stride(),
                        settled.bias.address(),
                        0L,
                        x.address(),
                        x.stride(),
                        x.rows(),
                        x.address(),
                        x.stride(),
                        x.rows(),
                        x.columns(),
                        0);
    }
}
