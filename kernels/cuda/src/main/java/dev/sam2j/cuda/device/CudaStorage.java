package dev.sam2j.cuda.device;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Storage;
import java.util.function.Supplier;

/** A block of device memory. */
public final class CudaStorage implements Storage {
    private final CudaDevice device;
    private final DeviceHeap heap;
    private final DType dtype;
    private final long elements;
    private DeviceHeap.Block block;
    /** The same values in the other type, if they were needed. */
    private CudaStorage converted;

    CudaStorage(CudaDevice device, DeviceHeap heap, DType dtype, long elements, DeviceHeap.Block block) {
        this.device = device;
        this.heap = heap;
        this.dtype = dtype;
        this.elements = elements;
        this.block = block;
    }

    /** Address of the first element, or 0 if the memory has been freed. */
    public long address() {
        return block == null ? 0 : block.address();
    }

    boolean isIn(DeviceHeap other) {
        return heap == other;
    }

    /** The values in the other element type, which {@code make} makes when they are first needed. */
    CudaStorage converted(Supplier<CudaStorage> make) {
        if (converted == null) {
            converted = make.get();
        }
        return converted;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public long elements() {
        return block == null ? 0 : elements;
    }

    @Override
    public void close() {
        if (converted != null) {
            converted.close();
        }
        device.release(this, () -> {
            DeviceHeap.Block held = block;
            block = null;
            if (held != null) {
                device.streams().giveBack(() -> heap.free(held));
            }
        });
    }
}
