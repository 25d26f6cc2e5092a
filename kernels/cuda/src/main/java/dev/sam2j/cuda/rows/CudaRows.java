package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.device.PendingUpdate;
import dev.sam2j.cuda.ptx.Activations;
import dev.sam2j.cuda.ptx.ElementwiseKernels;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.Pick;
import dev.sam2j.tensor.fused.Where;
import java.util.List;

/** The operations on rows: one kernel each, chosen by element types and by whether four elements move at once. */
public final class CudaRows {
    private final CudaDevice device;

    /** Operations on a device. */
    public CudaRows(CudaDevice device) {
        this.device = device;
    }

    /** {@link dev.sam2j.tensor.Backend#layerNorm}. */
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float eps, Activation activation, Tensor destination) {
        DeviceMatrix from = device.matrix(x);
        DeviceMatrix factors = device.vector(gamma);
        DeviceMatrix shifts = device.vector(beta);
        DeviceMatrix to = device.matrix(destination);
        if (updated(from, factors, shifts, eps, activation, to)) {
            return;
        }
        int width = DeviceMatrix.width(from, factors, shifts, to);
        boolean eights = width == 4 && DeviceMatrix.inEights(from, factors, shifts, to);
        LayerNormRegistersKernel.Layout layout = LayerNormRegistersKernel.Layout.of(
                from.type(), to.columns(), eights ? 8 : width, activation != Activation.NONE);
        Object[] arguments = {
            from.address(),
            from.stride(),
            factors.address(),
            shifts.address(),
            eps,
            to.address(),
            to.stride(),
            to.rows(),
            to.columns(),
            Activations.code(activation)
        };
        if (layout == null) {
            device.kernels()
                    .launch(
                            List.of("layerNorm", from.type(), to.type(), width),
                            () -> LayerNormKernel.of(from.type(), to.type(), width),
                            kernel -> LayerNormKernel.grid(kernel, to.rows()),
                            arguments);
        } else {
            device.kernels()
                    .launch(
                            List.of("layerNorm", from.type(), to.type(), layout),
                            () -> LayerNormRegistersKernel.of(from.type(), to.type(), layout),
                            kernel -> LayerNormRegistersKernel.grid(kernel, layout, to.rows()),
                            arguments);
        }
    }

    /** Computes a sum that was put off together with the norm, or on its own, and then returns false. */
    private boolean updated(
            DeviceMatrix x, DeviceMatrix gamma, DeviceMatrix beta, float eps, Activation activation, DeviceMatrix y) {
        LayerNormRegistersKernel.Layout layout = DeviceMatrix.width(x, gamma, beta, y) == 4
                        && activation == Activation.NONE
                        && y.type().isHalf()
                        && x.type() == DType.F32
                ? LayerNormRegistersKernel.Layout.updating(x.columns())
                : null;
        if (layout == null) {
            device.pendingUpdate().settle();
            return false;
        }
        PendingUpdate.Update update = device.pendingUpdate().take(x);
        if (update == null) {
            return false;
        }
        device.kernels()
                .launch(
                        PendingUpdate.normKey(y.type(), layout),
                        () -> PendingUpdate.normKernel(y.type(), layout),
                        kernel -> LayerNormRegistersKernel.grid(kernel, layout, y.rows()),
                        x.address(),
                        x.stride(),
                        update.product().address(),
                        update.product().stride(),
                        update.bias().address(),
                        gamma.address(),
                        beta.address(),
                        eps,
                        y.address(),
                        y.stride(),
                        y.rows(),
                        y.columns());
        return true;
    }

    /** {@link dev.sam2j.tensor.Backend#add}. */
    public void add(Tensor a, float alpha, Tensor b, float beta, Tensor destination) {
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix left = device.matrix(a, to.type());
        DeviceMatrix right = device.matrix(b, to.type());
        int width = DeviceMatrix.width(left, right, to);
        device.kernels()
                .over(
                        (long) to.rows() * to.columns() / width,
                        List.of("add", to.type(), width),
                        () -> ElementwiseKernels.add(to.type(), width),
                        left.address(),
                        left.stride(),
                        alpha,
                        right.address(),
                        right.stride(),
                        right.rows(),
                        beta,
                        to.address(),
                        to.stride(),
                        to.rows(),
                        to.columns());
    }

    /** {@link dev.sam2j.tensor.Backend#unary}. */
    public void unary(Tensor x, float scale, float shift, Activation activation, Tensor destination) {
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix from = device.matrix(x, to.type());
        int width = DeviceMatrix.width(from, to);
        device.kernels()
                .over(
                        (long) to.rows() * to.columns() / width,
                        List.of("unary", to.type(), width),
                        () -> ElementwiseKernels.unary(to.type(), width),
                        from.address(),
                        from.stride(),
                        scale,
                        shift,
                        to.address(),
                        to.stride(),
                        to.rows(),
                        to.columns(),
                        Activations.code(activation));
    }

    /** {@link dev.sam2j.tensor.Backend#rotary}. */
    public void rotary(Tensor x, Tensor table, Tensor destination) {
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix from = device.matrix(x, to.type());
        DeviceMatrix angles = device.contiguous(table, DType.F32);
        int width = DeviceMatrix.width(from, angles, to);
        device.kernels()
                .over(
                        (long) to.rows() * to.columns() / (width == 4 ? 4 : 2),
                        List.of("rotary", to.type(), width),
                        () -> width == 4
                                ? ElementwiseKernels.rotary(to.type())
                                : ElementwiseKernels.rotaryPairs(to.type()),
                        from.address(),
                        from.stride(),
                        angles.address(),
                        angles.rows(),
                        to.address(),
                        to.stride(),
                        to.rows(),
                        to.columns());
    }

    /** {@link dev.sam2j.tensor.Backend#copy}. */
    public void copy(Tensor source, Tensor destination) {
        device.copy(device.matrix(source), device.matrix(destination));
    }

    /** {@link Pick}. */
    public void pick(Pick op) {
        DeviceMatrix to = device.matrix(op.destination());
        DeviceMatrix from = device.matrix(op.x(), to.type());
        DeviceMatrix values = device.matrix(op.scores(), DType.F32);
        int width = DeviceMatrix.width(from, to);
        device.kernels()
                .over(
                        (long) to.rows() * to.columns() / width,
                        List.of("pick", to.type(), width),
                        () -> SelectKernels.pick(to.type(), width),
                        from.address(),
                        from.stride(),
                        op.x().dim(1),
                        op.offset(),
                        values.address(),
                        values.stride(),
                        values.columns(),
                        op.first(),
                        to.address(),
                        to.stride(),
                        to.rows(),
                        to.columns());
    }

    /** {@link Where}. */
    public void where(Where op) {
        DeviceMatrix to = device.matrix(op.destination());
        DeviceMatrix left = device.matrix(op.a(), to.type());
        DeviceMatrix right = device.matrix(op.b(), to.type());
        DeviceMatrix values = device.matrix(op.scores(), DType.F32);
        int width = DeviceMatrix.width(left, right, to);
        device.kernels()
                .over(
                        (long) to.rows() * to.columns() / width,
                        List.of("where", to.type(), width),
                        () -> SelectKernels.where(to.type(), width),
                        values.address(),
                        values.stride(),
                        to.rows() / values.rows(),
                        left.address(),
                        left.stride(),
                        right.address(),
                        right.stride(),
                        right.rows(),
                        to.address(),
                        to.stride(),
                        to.rows(),
                        to.columns());
    }

    /** {@link dev.sam2j.tensor.Backend#roundToBf16}. */
    public void roundToBf16(Tensor x, Tensor destination) {
        DeviceMatrix from = device.matrix(x);
        DeviceMatrix to = device.matrix(destination);
        if (from.type() == DType.BF16 || to.type() == DType.BF16) {
            if (!from.equals(to)) {
                device.copy(from, to); // one of them can only hold rounded values
            }
            return;
        }
        int width = DeviceMatrix.width(from, to);
        device.kernels()
                .over(
                        (long) to.rows() * to.columns() / width,
                        List.of("roundToBf16", from.type(), to.type(), width),
                        () -> ElementwiseKernels.roundToBf16(from.type(), to.type(), width),
                        from.address(),
                        from.stride(),
                        to.address(),
                        to.stride(),
                        to.rows(),
                        to.columns());
    }
}
