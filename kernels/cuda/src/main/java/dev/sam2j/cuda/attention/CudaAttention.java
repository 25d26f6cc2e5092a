package dev.sam2j.cuda.attention;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.device.Launch;
import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Tensor;

/**
 * {@link dev.sam2j.tensor.Backend#attention}: tensor cores where queries, keys and values have one type of two bytes,
 * otherwise float32. The kernels want head dimensions that are multiples of 8 and rows at multiples of 16 bytes; other
 * operands are copied to scratch memory, each head padded with zeros, which changes neither scores nor values.
 */
public final class CudaAttention {
    private static final int DIMENSION_UNIT = 8;
    private static final int ROW_BYTES = 16;
    /** Largest head dimension of the kernel on tensor cores. */
    private static final int MAX_HALF_DIMENSION = 256;
    /** Largest window of the kernel on tensor cores, and of the other, by their division in 16 bits. */
    private static final int MAX_HALF_WINDOW = 32;

    private static final int MAX_WINDOW = 40;
    private static final float LOG2_E = 1.442695f;

    private final CudaDevice device;

    /** Attention on a device. */
    public CudaAttention(CudaDevice device) {
        this.device = device;
    }

    /** Operands as a kernel takes them. */
    private record Problem(
            AttentionShape shape,
            DeviceMatrix q,
            DeviceMatrix k,
            DeviceMatrix v,
            boolean sharedKeys,
            boolean sharedValues,
            DeviceMatrix out,
            float scaleLog2,
            AttentionSpec.Windows windows,
            DeviceMatrix padKey,
            DeviceMatrix padValue) {}

    /** Queues the operation. */
    public void run(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination) {
        AttentionSpec.Windows windows = spec.windows();
        int heads = spec.heads();
        int keyDim = padded(q.cols() / heads);
        int valueDim = padded(v.cols() / heads);
        if (windows != null && windows.size() > MAX_WINDOW) {
            throw new IllegalArgumentException(
                    "attention: windows, expected at most " + MAX_WINDOW + ", got " + windows.size());
        }
        DType given = device.matrix(q).type();
        boolean half = given.isHalf()
                && device.matrix(k).type() == given
                && device.matrix(v).type() == given
                && keyDim <= MAX_HALF_DIMENSION
                && valueDim <= MAX_HALF_DIMENSION
                && (windows == null || windows.size() <= MAX_HALF_WINDOW);
        DType type = half ? given : DType.F32;
        boolean pads = windows != null && windows.padded();
        DeviceMatrix target = device.matrix(destination);
        boolean direct = target.type() == type && valueDim * heads == target.columns() && target.rowsAt(4);
        DeviceMatrix out = direct ? target : device.scratch(type, target.rows(), valueDim * heads);
        Problem problem = new Problem(
                new AttentionShape(type, keyDim, valueDim, q.dim(1), k.dim(1), heads, q.dim(0)),
                operand(q, type, heads, keyDim),
                operand(k, type, heads, keyDim),
                operand(v, type, heads, valueDim),
                k.dim(0) == 1,
                v.dim(0) == 1,
                out,
                spec.scale() * LOG2_E,
                windows,
                pads ? pad(windows.padKey(), type, heads, keyDim) : null,
                pads ? pad(windows.padValue(), type, heads, valueDim) : null);
        if (half) {
            onTensorCores(problem);
        } else {
            inFloat32(problem);
        }
        if (!direct) {
            copyHeads(out, valueDim, target, target.columns() / heads, heads);
        }
    }

    private static int padded(int dimension) {
        return (dimension + DIMENSION_UNIT - 1) / DIMENSION_UNIT * DIMENSION_UNIT;
    }

    private DeviceMatrix operand(Tensor tensor, DType type, int heads, int dimension) {
        return prepared(device.matrix(tensor), type, heads, dimension);
    }

    /** A padding key or value, any shape of as many elements as a row has columns. */
    private DeviceMatrix pad(Tensor tensor, DType type, int heads, int dimension) {
        DeviceMatrix row = device.contiguous(tensor, type);
        return prepared(row.reshaped(1, Math.toIntExact(tensor.shape().elements())), type, heads, dimension);
    }

    private DeviceMatrix prepared(DeviceMatrix own, DType type, int heads, int dimension) {
        int given = own.columns() / heads;
        if (own.type() == type && given == dimension && own.rowsAt(ROW_BYTES)) {
            return own;
        }
        DeviceMatrix copy = device.scratch(type, own.rows(), heads * dimension);
        if (given == dimension) {
            device.copy(own, copy);
        } else {
            device.driver().fill(copy.address(), copy.end() - copy.address(), (byte) 0);
            copyHeads(own, given, copy, dimension, heads);
        }
        return copy;
    }

    private void copyHeads(DeviceMatrix from, int fromDim, DeviceMatrix to, int toDim, int heads) {
        int columns = Math.min(fromDim, toDim);
        if (fromDim == toDim) {
            device.copy(from, to);
            return;
        }
        for (int head = 0; head < heads; head++) {
            device.copy(from.columns(head * fromDim, columns), to.columns(head * toDim, columns));
        }
    }

    /** Gives the arguments that all kernels have. */
    private Launch launch(PtxSource kernel, Problem p, DeviceMatrix out) {
        Launch launch = device.launch(kernel)
                .matrix("q", p.q)
                .integer("q_batch", p.shape.queries() * p.q.stride())
                .matrix("k", p.k)
                .integer("k_batch", p.sharedKeys ? 0 : p.shape.keys() * p.k.stride())
                .matrix("v", p.v)
                .integer("v_batch", p.sharedValues ? 0 : p.shape.keys() * p.v.stride())
                .matrix("out", out)
                .integer("out_batch", p.shape.queries() * out.stride())
                .real("scale_log2", p.scaleLog2);
        AttentionSpec.Windows windows = p.windows;
        return windows == null
                ? launch.integer("queries", p.shape.queries()).integer("keys", p.shape.keys())
                : launch.integer("height", windows.height())
                        .integer("width", windows.width())
                        .integer("size", windows.size())
                        .integer("query_stride", windows.queryStride())
                        .pointer("pad_key", p.padKey)
                        .pointer("pad_value", p.padValue);
    }

    private static PtxKernel.Grid windowGrid(Problem p, int blockQueries) {
        return FlashAttentionKernel.windowGrid(blockQueries, p.windows, p.shape.heads(), p.shape.batch());
    }

    private void inFloat32(Problem p) {
        boolean windowed = p.windows != null;
        int blockQueries = AttentionF32Kernel.BLOCK_QUERIES;
        launch(new AttentionF32Kernel.Config(p.shape.keyDim(), p.shape.valueDim(), windowed), p, p.out)
                .on(windowed ? windowGrid(p, blockQueries) : FlashAttentionKernel.grid(blockQueries, p.shape, 1));
    }

    private void onTensorCores(Problem p) {
        CudaDriver.DeviceInfo info = device.driver().device();
        AttentionPlan<HopperAttentionConfig> hopper = info.isHopper() && p.windows == null
                ? AttentionPlan.hopper(p.shape, info.multiprocessors()).orElse(null)
                : null;
        if (p.windows != null) {
            inWindows(p, info.isHopper());
        } else if (hopper != null) {
            run(p, hopper, HopperAttentionConfig.BLOCK_QUERIES);
        } else {
            AttentionPlan<FlashAttentionConfig> plan = AttentionPlan.global(p.shape, info.multiprocessors());
            run(p, plan, plan.config().blockQueries());
        }
    }

    private void inWindows(Problem p, boolean isHopper) {
        DType type = p.shape.type();
        int keyDim = p.shape.keyDim();
        int valueDim = p.shape.valueDim();
        int size = p.windows.size();
        int queryStride = p.windows.queryStride();
        HopperWindowConfig hopper = isHopper
                ? HopperWindowConfig.of(type, keyDim, valueDim, size, queryStride)
                        .orElse(null)
                : null;
        if (hopper != null) {
            launch(hopper, p, p.out).on(windowGrid(p, hopper.blockQueries()));
        } else {
            FlashAttentionConfig config = AttentionPlan.windowed(type, keyDim, valueDim, size, queryStride)
                    .config();
            launch(config, p, p.out).on(windowGrid(p, config.blockQueries()));
        }
    }

    private void run(Problem p, AttentionPlan<?> plan, int blockQueries) {
        PtxKernel.Grid grid = FlashAttentionKernel.grid(blockQueries, p.shape, plan.splits());
        if (plan.splits() > 1) {
            split(p, plan, grid);
        } else {
            launch(plan.config(), p, p.out).on(grid);
        }
    }

    /** Partial results over parts of the keys, then their combination. */
    private void split(Problem p, AttentionPlan<?> plan, PtxKernel.Grid grid) {
        int splits = plan.splits();
        int rows = p.shape.batch() * p.shape.queries();
        int columns = p.shape.heads() * p.shape.valueDim();
        DeviceMatrix partial = device.scratch(DType.F32, splits * rows, columns);
        DeviceMatrix exponents = device.scratch(DType.F32, splits * rows, p.shape.heads());
        launch(plan.config(), p, partial)
                .integer("splits", splits)
                .integer("keys_per_split", plan.keysPerSplit())
                .pointer("exponents", exponents)
                .on(grid);
        boolean fours = p.out.inFours();
        DeviceMatrix out = fours ? p.out : device.scratch(p.shape.type(), rows, p.out.columns());
        device.launch(new AttentionCombineKernel(p.shape.type()))
                .pointer("partial", partial)
                .pointer("exponents", exponents)
                .integer("splits", splits)
                .integer("rows", rows)
                .integer("heads", p.shape.heads())
                .integer("value_dim", p.shape.valueDim())
                .matrix("out", out)
                .over((long) rows * columns / 4);
        if (!fours) {
            device.copy(out, p.out);
        }
    }
}
