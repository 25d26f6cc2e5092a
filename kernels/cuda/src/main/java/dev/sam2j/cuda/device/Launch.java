package dev.sam2j.cuda.device;

import dev.sam2j.BackendException;
import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * One launch of a kernel: an argument for each of its parameters, by name and in any order, then the grid. What does
 * not fit the parameters that the kernel declares throws an {@link IllegalArgumentException}.
 */
public final class Launch {
    private final CudaDriver driver;
    private final PtxKernel kernel;
    private final CudaDriver.Function function;
    private final int[] offsets;
    private final ByteBuffer values;
    /** Bits of the parameters that have their argument. */
    private long given;
    /** The parameter after the last one: mostly the next. */
    private int next;

    Launch(CudaDriver driver, PtxKernel kernel, CudaDriver.Function function, int[] offsets) {
        this.driver = driver;
        this.kernel = kernel;
        this.function = function;
        this.offsets = offsets;
        values = ByteBuffer.allocate(offsets[offsets.length - 1]).order(ByteOrder.nativeOrder());
    }

    /** Gives a device address, or 0. */
    public Launch pointer(String name, long address) {
        values.putLong(place(name, PtxKernel.Type.POINTER), address);
        return this;
    }

    /** Gives the address of a matrix, or 0 for null. */
    public Launch pointer(String name, DeviceMatrix matrix) {
        return pointer(name, matrix == null ? 0 : matrix.address());
    }

    /** Gives an integer. */
    public Launch integer(String name, int value) {
        values.putInt(place(name, PtxKernel.Type.INT), value);
        return this;
    }

    /** Gives a float32. */
    public Launch real(String name, float value) {
        values.putFloat(place(name, PtxKernel.Type.FLOAT), value);
        return this;
    }

    /** Gives {@code name} and the stride, which {@link dev.sam2j.cuda.ptx.PtxMatrix} declares next to it. */
    public Launch matrix(String name, DeviceMatrix matrix) {
        pointer(name, matrix.address());
        if (next == kernel.parameters().size() || !kernel.parameters().get(next).isStrideOf(name)) {
            throw wrong("no parameter " + name + "_stride");
        }
        values.putInt(take(next, PtxKernel.Type.INT), matrix.stride());
        return this;
    }

    /** Gives {@code rows} and {@code columns}. */
    public Launch sizes(DeviceMatrix matrix) {
        return integer("rows", matrix.rows()).integer("columns", matrix.columns());
    }

    /** Gives {@code batch}, {@code height} and {@code width} of what a kernel for pictures writes. */
    public Launch output(int batch, Tensor picture) {
        return integer("batch", batch).integer("height", picture.dim(1)).integer("width", picture.dim(2));
    }

    /** Gives what a {@link dev.sam2j.cuda.ptx.ConvolutionWindow} declares. */
    public Launch window(Tensor input, Conv2dSpec spec) {
        return integer("input_height", input.dim(1))
                .integer("input_width", input.dim(2))
                .integer("kernel", spec.kernel())
                .integer("step", spec.stride())
                .integer("padding", spec.padding());
    }

    private int place(String name, PtxKernel.Type type) {
        List<PtxKernel.Parameter> parameters = kernel.parameters();
        int count = parameters.size();
        for (int i = 0; i < count; i++) {
            int index = (next + i) % count;
            if (parameters.get(index).name().equals(name)) {
                return take(index, type);
            }
        }
        throw wrong("no parameter " + name);
    }

    private int take(int index, PtxKernel.Type type) {
        PtxKernel.Parameter parameter = kernel.parameters().get(index);
        if (parameter.type() != type) {
            throw wrong("parameter " + parameter.name() + ": expected " + parameter.type() + ", got " + type);
        }
        if ((given >>> index & 1) != 0) {
            throw wrong("parameter " + parameter.name() + ": given twice");
        }
        given |= 1L << index;
        next = index + 1;
        return offsets[index];
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(kernel.entry() + ": " + what);
    }

    /** Launches over the elements of a matrix, {@code width} of them to a thread; gives its rows and columns. */
    public void overElements(DeviceMatrix matrix, int width) {
        sizes(matrix).over((long) matrix.rows() * matrix.columns() / width);
    }

    /** Launches over {@code items} threads. */
    public void over(long items) {
        on(kernel.gridOver(items));
    }

    /** Launches over {@code items}, of which a block handles {@code perBlock}. */
    public void over(long items, int perBlock) {
        on(kernel.gridOver(items, perBlock));
    }

    /** Launches on a grid. */
    public void on(PtxKernel.Grid grid) {
        for (int i = 0; i < kernel.parameters().size(); i++) {
            if ((given >>> i & 1) == 0) {
                throw wrong("no argument for parameter "
                        + kernel.parameters().get(i).name());
            }
        }
        try {
            driver.launch(function, grid, offsets, values);
        } catch (BackendException e) {
            throw new BackendException(
                    "launch of " + kernel.entry() + ", grid " + grid.x() + " x " + grid.y() + " x " + grid.z() + ", "
                            + kernel.threads() + " threads, " + kernel.sharedBytes() + " bytes of shared memory: "
                            + e.getMessage(),
                    e);
        }
    }
}
