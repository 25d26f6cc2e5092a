package dev.sam2j.cuda.products;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.CudaMatrix;
import dev.sam2j.cuda.device.DeferredUpdate;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.device.Launch;
import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.rows.LayerNormRegistersKernel;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;

/**
 * {@link dev.sam2j.tensor.Backend#gemm}, and the products of the convolutions: an own kernel with the epilogue where
 * that pays, or cuBLAS and after it one kernel for the epilogue.
 */
public final class CudaGemm {
    private final CudaDevice device;
    private final CudaDriver.Factors factors;
    private final DType type;
    private final GemmPlanner planner;

    /**
     * Products of one kind of factors.
     *
     * @param choice see {@link GemmPlanner}
     */
    public CudaGemm(CudaDevice device, CudaDriver.Factors factors, String choice) {
        this.device = device;
        this.factors = factors;
        this.type = factors.type();
        CudaDriver.DeviceInfo info = device.driver().device();
        planner = new GemmPlanner(choice, info.isHopper(), info.multiprocessors());
    }

    CudaDevice device() {
        return device;
    }

    CudaDriver.Factors factors() {
        return factors;
    }

    /** How factors are stored. */
    DType type() {
        return type;
    }

    /** Writes the product of all rows into a matrix, or adds it. */
    interface Product {
        void into(DeviceMatrix result, float beta);
    }

    /** Queues the operation. */
    public void run(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        product(device.matrix(x, type), (CudaMatrix) w, epilogue, device.matrix(destination));
    }

    /** {@code y = epilogue(x wᵀ)}. */
    void product(DeviceMatrix x, CudaMatrix w, Epilogue epilogue, DeviceMatrix y) {
        if (!deferred(x, w, epilogue, y) && !fused(x, w, epilogue, y)) {
            finish((result, beta) -> multiply(x, w, beta, result), epilogue, y);
        }
    }

    /**
     * Defers a sum in place with a float32 matrix of many rows: the product in two bytes moves half the bytes of one
     * that is added to float32, and the sum is mostly normalised next.
     */
    private boolean deferred(DeviceMatrix x, CudaMatrix w, Epilogue epilogue, DeviceMatrix y) {
        LayerNormRegistersKernel.Layout layout = LayerNormRegistersKernel.Layout.updating(y.columns());
        if (!type.isHalf()
                || y.type() != DType.F32
                || !plain(epilogue)
                || epilogue.bias() == null
                || epilogue.residual() == null
                || !GemmPlanner.manyRows(y.rows())
                || layout == null
                || !y.inFours()
                || !device.matrix(epilogue.residual()).equals(y)) {
            return false;
        }
        CudaEpilogue parts = CudaEpilogue.of(device, epilogue, y.type());
        if (parts.bias().address() % 16 != 0 || !device.isConstant(epilogue.bias())) {
            return false;
        }
        DeviceMatrix result = device.deferredUpdate().room(type, y.rows(), y.columns());
        multiply(x, w, 0, result);
        device.deferredUpdate()
                .defer(
                        new DeferredUpdate.Update(y, result, parts.bias()),
                        () -> parts.apply(device, result, y),
                        new LayerNormRegistersKernel.Updating(type, layout),
                        new CudaEpilogue.Kernel(type, DType.F32, parts.width(result, y)));
        return true;
    }

    private static boolean plain(Epilogue epilogue) {
        return epilogue.activation() == Activation.NONE && epilogue.scale() == null;
    }

    /** Runs product and epilogue in one kernel if there is one for them that pays. */
    private boolean fused(DeviceMatrix x, CudaMatrix w, Epilogue epilogue, DeviceMatrix y) {
        if (!type.isHalf() || x.columns() % 8 != 0 || !x.rowsAt(16)) {
            return false;
        }
        boolean few = planner.fewRows(y.rows());
        HopperGemmConfig tiles = few || y.columns() % 8 != 0 || !y.rowsAt(16)
                ? null
                : planner.tiles(type, y.rows(), y.columns(), x.columns(), epilogue.activation(), y.type());
        if (!few && tiles == null) {
            return false;
        }
        CudaEpilogue parts = CudaEpilogue.of(device, epilogue, y.type());
        DeviceMatrix residual = parts.residual();
        boolean apart = residual == null || residual.equals(y) || !residual.overlaps(y);
        if (!apart || tiles != null && !parts.aligned()) {
            return false;
        }
        if (few) {
            launch(new FewRowsGemmKernel(type, y.type()), x, w, parts, y)
                    .integer("activation", parts.activation())
                    .on(FewRowsGemmKernel.grid(y.rows(), y.columns()));
        } else {
            int multiprocessors = device.driver().device().multiprocessors();
            launch(tiles, x, w, parts, y).on(HopperGemmKernel.grid(tiles, y.rows(), y.columns(), multiprocessors));
        }
        return true;
    }

    private Launch launch(PtxSource kernel, DeviceMatrix x, CudaMatrix w, CudaEpilogue parts, DeviceMatrix y) {
        return parts.arguments(device.launch(kernel))
                .matrix("x", x)
                .matrix("w", matrix(w))
                .matrix("out", y)
                .sizes(y)
                .integer("depth", x.columns());
    }

    DeviceMatrix matrix(CudaMatrix w) {
        return new DeviceMatrix(device.address(w.storage()), type, w.out(), w.in(), CudaMatrix.stride(w.in(), type));
    }

    /** {@code result = x wᵀ + beta result}. */
    void multiply(DeviceMatrix x, CudaMatrix w, float beta, DeviceMatrix result) {
        multiply(device, factors, x, matrix(w), beta, result, 1);
    }

    /** {@code result = x wᵀ + beta result} for each batch entry; w may have the rows of one entry for all. */
    static void multiply(
            CudaDevice device,
            CudaDriver.Factors factors,
            DeviceMatrix x,
            DeviceMatrix w,
            float beta,
            DeviceMatrix result,
            int batch) {
        // Row-major x (rows, in) is column-major xᵀ, so the result's transpose is w xᵀ.
        int columns = result.columns();
        int rows = x.rows() / batch;
        device.driver()
                .gemm(new CudaDriver.Gemm(
                        factors,
                        result.type() == DType.F32,
                        columns,
                        rows,
                        x.columns(),
                        operand(w, w.rows() == columns ? 0 : columns),
                        operand(x, rows),
                        beta,
                        operand(result, rows),
                        batch));
    }

    private static CudaDriver.Operand operand(DeviceMatrix matrix, int entryRows) {
        return new CudaDriver.Operand(matrix.address(), matrix.stride(), (long) entryRows * matrix.stride());
    }

    /**
     * Multiplies and applies the epilogue, where it can in the destination. A residual that lies there is added by the
     * product itself if nothing else has to happen before.
     */
    void finish(Product product, Epilogue epilogue, DeviceMatrix destination) {
        boolean direct = type.isHalf() || destination.type() == DType.F32;
        DeviceMatrix residual = epilogue.residual() == null ? null : device.matrix(epilogue.residual());
        if (residual != null && residual.equals(destination) && direct && plain(epilogue)) {
            product.into(destination, 1);
            if (epilogue.bias() != null) {
                apply(destination, Epilogue.bias(epilogue.bias()), destination);
            }
            return;
        }
        boolean inPlace = direct && (residual == null || !residual.overlaps(destination));
        DeviceMatrix result =
                inPlace ? destination : device.scratch(DType.F32, destination.rows(), destination.columns());
        product.into(result, 0);
        if (!inPlace || !plain(epilogue) || epilogue.bias() != null || residual != null) {
            apply(result, epilogue, destination);
        }
    }

    private void apply(DeviceMatrix product, Epilogue epilogue, DeviceMatrix y) {
        CudaEpilogue.of(device, epilogue, y.type()).apply(device, product, y);
    }
}
