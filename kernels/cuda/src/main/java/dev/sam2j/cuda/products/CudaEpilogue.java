package dev.sam2j.cuda.products;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.device.Launch;
import dev.sam2j.cuda.ptx.Activations;
import dev.sam2j.cuda.ptx.ElementPosition;
import dev.sam2j.cuda.ptx.Elements;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;

/**
 * {@code y = residual + scale * activation(product + bias)}: the operands on the device, each of which may be null, and
 * the kernel that applies it after a product of cuBLAS.
 */
record CudaEpilogue(DeviceMatrix bias, DeviceMatrix scale, DeviceMatrix residual, int activation) {
    /** An epilogue for results of a type. */
    static CudaEpilogue of(CudaDevice device, Epilogue epilogue, DType type) {
        return new CudaEpilogue(
                device.vector(epilogue.bias()),
                device.vector(epilogue.scale()),
                epilogue.residual() == null ? null : device.matrix(epilogue.residual(), type),
                Activations.code(epilogue.activation()));
    }

    CudaEpilogue with(DeviceMatrix otherResidual) {
        return new CudaEpilogue(bias, scale, otherResidual, activation);
    }

    /** Whether everything can be read 16 bytes at a time. */
    boolean aligned() {
        return (bias == null || bias.rowsAt(16))
                && (scale == null || scale.rowsAt(16))
                && (residual == null || residual.rowsAt(16));
    }

    int residualRows() {
        return residual == null ? 1 : residual.rows();
    }

    /** Gives a launch the arguments for {@link Operands}. */
    Launch arguments(Launch launch) {
        return launch.pointer("bias", bias)
                .pointer("scale", scale)
                .pointer("residual", residual)
                .integer("residual_stride", residual == null ? 0 : residual.stride())
                .integer("residual_rows", residualRows());
    }

    /** The greatest number of elements that {@link Kernel} can move at a time. */
    int width(DeviceMatrix product, DeviceMatrix y) {
        return DeviceMatrix.greatestWidth(product, bias, scale, residual, y);
    }

    void apply(CudaDevice device, DeviceMatrix product, DeviceMatrix y) {
        int width = width(product, y);
        arguments(device.launch(new Kernel(product.type(), y.type(), width)))
                .matrix("x", product)
                .matrix("out", y)
                .integer("activation", activation)
                .overElements(y, width);
    }

    /**
     * The epilogue of products x. {@code out} may be {@code x} (of the same type and stride) or {@code residual} if all
     * its rows are used once.
     */
    record Kernel(DType in, DType out, int width) implements PtxSource {
        @Override
        public PtxKernel write() {
            String entry = "epilogue_" + in.label() + "_" + out.label() + "_w" + width;
            PtxWriter w = new PtxWriter(
                    entry,
                    ElementPosition.THREADS,
                    "out = residual + scale * activation(x + bias), float32 arithmetic.");
            PtxMatrix x = PtxMatrix.parameter(w, "x", in);
            Operands operands = Operands.parameters(w, out);
            PtxMatrix y = PtxMatrix.parameter(w, "out", out);
            String rows = w.integer("rows");
            String columns = w.integer("columns");
            String activation = w.integer("activation");
            ElementPosition at = ElementPosition.of(w, rows, columns, width);
            String[] values = x.load(at);
            operands.apply(w, values, activation, at);
            y.store(at, values);
            return w.build();
        }
    }

    /**
     * The operands as a kernel's parameters.
     *
     * @param bias address of a float32 per column, or 0
     * @param scale address of a float32 per column, or 0
     * @param residual address 0 if there is none
     * @param residualRows row r reads residual row r mod that
     */
    record Operands(String bias, String scale, PtxMatrix residual, String residualRows) {
        static Operands parameters(PtxWriter w, DType type) {
            return new Operands(
                    w.pointer("bias"),
                    w.pointer("scale"),
                    PtxMatrix.parameter(w, "residual", type),
                    w.integer("residual_rows"));
        }

        /** Bias, activation, scale and residual of adjacent columns, in registers. */
        void apply(PtxWriter w, String[] values, String activation, ElementPosition at) {
            perColumn(w, bias, values, "add.f32", at);
            Activations.apply(w, activation, values);
            perColumn(w, scale, values, "mul.f32", at);
            w.ifPresent(residual.base(), () -> {
                String[] addends = residual.load(w.i("rem.u32", at.row(), residualRows), at);
                for (int i = 0; i < values.length; i++) {
                    w.op("add.f32", values[i], values[i], addends[i]);
                }
            });
        }

        private static void perColumn(PtxWriter w, String vector, String[] values, String opcode, ElementPosition at) {
            w.ifPresent(vector, () -> {
                String[] factors = new Elements(w, DType.F32, values.length).load(w.address(vector, at.column(), 4));
                for (int i = 0; i < values.length; i++) {
                    w.op(opcode, values[i], values[i], factors[i]);
                }
            });
        }
    }
}
