package dev.sam2j.cuda.products;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.CudaMatrix;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.device.PendingUpdate;
import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.cuda.ptx.Activations;
import dev.sam2j.cuda.ptx.ConvolutionKernels;
import dev.sam2j.cuda.ptx.ElementwiseKernels;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.rows.LayerNormRegistersKernel;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The operations that are matrix products: an own kernel with the epilogue where that pays, or cuBLAS and after it one
 * kernel for the epilogue; before either a gathering of a convolution's inputs.
 */
public final class CudaProducts {
    private final CudaDevice device;
    private final CudaDriver.Factors factors;
    private final DType type;
    private final GemmPlanner planner;
    private final CudaDirectConvolution directConvolution;

    /**
     * Products of one kind of factors.
     *
     * @param choice see {@link GemmPlanner}
     */
    public CudaProducts(CudaDevice device, CudaDriver.Factors factors, String choice) {
        this.device = device;
        this.factors = factors;
        this.type = factors.type();
        this.directConvolution = new CudaDirectConvolution(device, type);
        CudaDriver.DeviceInfo info = device.driver().device();
        planner = new GemmPlanner(choice, info.isHopper(), info.multiprocessors());
    }

    /** Writes the product of all rows into a matrix, or adds it. */
    private interface Product {
        void into(DeviceMatrix result, float beta);
    }

    /** {@link dev.sam2j.tensor.Backend#gemm}. */
    public void gemm(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        product(device.matrix(x, type), (CudaMatrix) w, epilogue, device.matrix(destination));
    }

    /** {@code y = epilogue(x wᵀ)}. */
    private void product(DeviceMatrix x, CudaMatrix w, Epilogue epilogue, DeviceMatrix y) {
        if (!putOff(x, w, epilogue, y) && !fused(x, w, epilogue, y)) {
            finish((result, beta) -> multiply(x, w, beta, result), epilogue, y);
        }
    }

    /**
     * Puts off a sum in place with a float32 matrix of many rows: the product in two bytes moves half the bytes of one
     * that is added to float32, and the sum is mostly normalised next.
     */
    private boolean putOff(DeviceMatrix x, CudaMatrix w, Epilogue epilogue, DeviceMatrix y) {
        boolean plain = epilogue.activation() == Activation.NONE && epilogue.scale() == null;
        if (!type.isHalf()
                || y.type() != DType.F32
                || !plain
                || epilogue.bias() == null
                || epilogue.residual() == null
                || !GemmPlanner.manyRows(y.rows())
                || LayerNormRegistersKernel.Layout.updating(y.columns()) == null
                || !y.inFours()
                || !device.matrix(epilogue.residual()).equals(y)) {
            return false;
        }
        DeviceMatrix bias = device.vector(epilogue.bias());
        if (bias.address() % 16 != 0 || !device.isConstant(epilogue.bias())) {
            return false;
        }
        DeviceMatrix result = device.pendingUpdate().room(type, y.rows(), y.columns());
        multiply(x, w, 0, result);
        device.pendingUpdate().put(new PendingUpdate.Update(y, result, bias));
        return true;
    }

    /** Runs product and epilogue in one kernel if there is one for them that pays. */
    private boolean fused(DeviceMatrix x, CudaMatrix w, Epilogue epilogue, DeviceMatrix y) {
        if (!type.isHalf() || x.columns() % 8 != 0 || !x.rowsAt(16)) {
            return false;
        }
        boolean few = planner.fewRows(y.rows());
        HopperGemmConfig tiles = few || y.columns() % 8 != 0 || !y.rowsAt(16) ? null : tiles(x, epilogue, y);
        if (!few && tiles == null) {
            return false;
        }
        Parts parts = new Parts(device, epilogue, y.type());
        boolean apart = parts.residual == null || parts.residual.equals(y) || !parts.residual.overlaps(y);
        if (!apart || tiles != null && !parts.aligned()) {
            return false;
        }
        if (few) {
            few(x, w, parts, y);
        } else {
            tiled(tiles, x, w, parts, y);
        }
        return true;
    }

    private HopperGemmConfig tiles(DeviceMatrix x, Epilogue epilogue, DeviceMatrix y) {
        return planner.tiles(type, y.rows(), y.columns(), x.columns(), epilogue.activation(), y.type());
    }

    private void tiled(HopperGemmConfig config, DeviceMatrix x, CudaMatrix w, Parts parts, DeviceMatrix y) {
        int multiprocessors = device.driver().device().multiprocessors();
        device.kernels()
                .launch(
                        List.of("gemm", config),
                        () -> HopperGemmKernel.of(config),
                        kernel -> HopperGemmKernel.grid(config, y.rows(), y.columns(), multiprocessors),
                        arguments(x, w, parts, y).toArray());
    }

    private void few(DeviceMatrix x, CudaMatrix w, Parts parts, DeviceMatrix y) {
        List<Object> arguments = new ArrayList<>(arguments(x, w, parts, y));
        arguments.add(parts.activation);
        device.kernels()
                .launch(
                        List.of("gemmFewRows", type, y.type()),
                        () -> FewRowsGemmKernel.of(type, y.type()),
                        kernel -> FewRowsGemmKernel.grid(y.rows(), y.columns()),
                        arguments.toArray());
    }

    /** What both kernels that finish their products take. */
    private List<Object> arguments(DeviceMatrix x, CudaMatrix w, Parts parts, DeviceMatrix y) {
        return List.of(
                x.address(),
                x.stride(),
                device.address(w.storage()),
                CudaMatrix.stride(w.in(), type),
                parts.address(parts.bias),
                parts.address(parts.scale),
                parts.address(parts.residual),
                parts.residualStride(),
                parts.residualRows(),
                y.address(),
                y.stride(),
                y.rows(),
                y.columns(),
                x.columns());
    }

    /** {@code result = x wᵀ + beta result}. */
    private void multiply(DeviceMatrix x, CudaMatrix w, float beta, DeviceMatrix result) {
        // Row-major x (rows, in) is column-major xᵀ, so the result's transpose is w xᵀ.
        device.driver()
                .gemm(new CudaDriver.Gemm(
                        factors,
                        result.type() == DType.F32,
                        true,
                        false,
                        w.out(),
                        x.rows(),
                        w.in(),
                        device.address(w.storage()),
                        CudaMatrix.stride(w.in(), type),
                        0,
                        x.address(),
                        x.stride(),
                        0,
                        beta,
                        result.address(),
                        result.stride(),
                        0,
                        1));
    }

    /**
     * Multiplies and applies the epilogue, where it can in the destination. A residual that lies there is added by the
     * product itself if nothing else has to happen before.
     */
    private void finish(Product product, Epilogue epilogue, DeviceMatrix destination) {
        boolean direct = type.isHalf() || destination.type() == DType.F32;
        boolean plain = epilogue.activation() == Activation.NONE && epilogue.scale() == null;
        DeviceMatrix residual = epilogue.residual() == null ? null : device.matrix(epilogue.residual());
        if (residual != null && residual.equals(destination) && direct && plain) {
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
        if (!inPlace || !plain || epilogue.bias() != null || residual != null) {
            apply(result, epilogue, destination);
        }
    }

    private void apply(DeviceMatrix product, Epilogue epilogue, DeviceMatrix y) {
        Parts parts = new Parts(device, epilogue, y.type());
        int width = DeviceMatrix.greatestWidth(product, parts.bias, parts.scale, parts.residual, y);
        device.kernels()
                .over(
                        (long) y.rows() * y.columns() / width,
                        List.of("epilogue", product.type(), y.type(), width),
                        () -> ElementwiseKernels.epilogue(product.type(), y.type(), width),
                        product.address(),
                        product.stride(),
                        parts.address(parts.bias),
                        parts.address(parts.scale),
                        parts.address(parts.residual),
                        parts.residualStride(),
                        parts.residualRows(),
                        y.address(),
                        y.stride(),
                        y.rows(),
                        y.columns(),
                        parts.activation);
    }

    /** An epilogue as kernel parameters. */
    private static final class Parts {
        private final DeviceMatrix bias;
        private final DeviceMatrix scale;
        private final DeviceMatrix residual;
        private final int activation;

        Parts(CudaDevice device, Epilogue epilogue, DType type) {
            bias = device.vector(epilogue.bias());
            scale = device.vector(epilogue.scale());
            residual = epilogue.residual() == null ? null : device.matrix(epilogue.residual(), type);
            activation = Activations.code(epilogue.activation());
        }

        long address(DeviceMatrix part) {
            return part == null ? 0 : part.address();
        }

        /** Whether everything can be read 16 bytes at a time. */
        boolean aligned() {
            return (bias == null || bias.rowsAt(16))
                    && (scale == null || scale.rowsAt(16))
                    && (residual == null || residual.rowsAt(16));
        }

        int residualStride() {
            return residual == null ? 0 : residual.stride();
        }

        int residualRows() {
            return residual == null ? 1 : residual.rows();
        }
    }

    /** {@link dev.sam2j.tensor.Backend#matmul}. */
    public void matmul(Tensor a, Tensor b, Tensor destination) {
        boolean half = type.isHalf()
                && device.matrix(a).type() == type
                && device.matrix(b).type() == type;
        DType of = half ? type : DType.F32;
        DeviceMatrix left = device.matrix(a, of);
        DeviceMatrix right = device.matrix(b, of);
        DeviceMatrix y = device.matrix(destination);
        boolean direct = half || y.type() == DType.F32;
        DeviceMatrix result = direct ? y : device.scratch(DType.F32, y.rows(), y.columns());
        int rows = a.dim(1);
        int columns = b.dim(1);
        device.driver()
                .gemm(new CudaDriver.Gemm(
                        half ? factors : floatFactors(),
                        result.type() == DType.F32,
                        true,
                        false,
                        columns,
                        rows,
                        a.cols(),
                        right.address(),
                        right.stride(),
                        b.dim(0) == 1 ? 0 : (long) columns * right.stride(),
                        left.address(),
                        left.stride(),
                        (long) rows * left.stride(),
                        0,
                        result.address(),
                        result.stride(),
                        (long) rows * result.stride(),
                        a.dim(0)));
        if (!direct) {
            device.copy(result, y);
        }
    }

    private CudaDriver.Factors floatFactors() {
        return type.isHalf() ? CudaDriver.Factors.F32 : factors;
    }

    /** {@link dev.sam2j.tensor.Backend#conv2d}. */
    public void conv2d(Tensor x, PackedMatrix w, Conv2dSpec spec, Epilogue epilogue, Tensor destination) {
        CudaMatrix weights = (CudaMatrix) w;
        DeviceMatrix y = device.matrix(destination);
        if (spec.kernel() == 1 && spec.stride() == 1 && spec.padding() == 0) {
            product(device.matrix(x, type), weights, epilogue, y);
            return;
        }
        if (type.isHalf() && directConvolution.run(x, weights, spec, epilogue, destination)) {
            return;
        }
        DeviceMatrix pixels = device.matrix(x);
        int batch = x.dim(0);
        int perEntry = y.rows() / batch;
        int columns = CudaMatrix.stride(weights.in(), type);
        int group = entriesAtOnce(batch, (long) perEntry * columns * type.bytes());
        DeviceMatrix gathered = device.scratch(type, group * perEntry, columns);
        // the padding is zero on both sides; the fast kernels of cuBLAS want rows of whole 16 bytes
        CudaMatrix padded = new CudaMatrix(weights.storage(), weights.out(), columns);
        if (group == batch) {
            gather(pixels, 0, batch, x, spec, destination, gathered);
            product(gathered, padded, epilogue, y);
            return;
        }
        finish(
                (result, beta) -> {
                    for (int first = 0; first < batch; first += group) {
                        int count = Math.min(group, batch - first);
                        DeviceMatrix part = gathered.rows(0, count * perEntry);
                        gather(pixels, first, count, x, spec, destination, part);
                        multiply(part, padded, beta, result.rows(first * perEntry, count * perEntry));
                    }
                },
                epilogue,
                y);
    }

    /** How many batch entries an intermediate result of {@code bytes} per entry can be made for at a time. */
    private int entriesAtOnce(int batch, long bytes) {
        return (int) Math.max(1, Math.min(batch, device.intermediateLimit() / bytes));
    }

    private void gather(
            DeviceMatrix pixels, int first, int count, Tensor x, Conv2dSpec spec, Tensor y, DeviceMatrix out) {
        DeviceMatrix part = pixels.rows(first * x.dim(1) * x.dim(2), count * x.dim(1) * x.dim(2));
        Gathering kind = Gathering.of(part, out);
        device.kernels()
                .over(
                        (long) out.rows() * out.columns() / kind.perThread(out.type()),
                        List.of(kind, part.type(), out.type()),
                        () -> kind.kernel(part.type(), out.type()),
                        part.address(),
                        part.stride(),
                        out.address(),
                        out.stride(),
                        count,
                        y.dim(1),
                        y.dim(2),
                        out.columns(),
                        x.cols(),
                        x.dim(1),
                        x.dim(2),
                        spec.kernel(),
                        spec.stride(),
                        spec.padding());
    }

    /** The kernels that gather the inputs of a convolution. */
    private enum Gathering {
        CHANNELS,
        PIXELS,
        ELEMENTS;

        static Gathering of(DeviceMatrix pixels, DeviceMatrix out) {
            if (DeviceMatrix.inEights(pixels, out)) {
                return CHANNELS;
            }
            return pixels.contiguous() && out.rowsAt(16) ? PIXELS : ELEMENTS;
        }

        int perThread(DType out) {
            return switch (this) {
                case CHANNELS -> 8;
                case PIXELS -> ConvolutionKernels.im2colChunk(out);
                case ELEMENTS -> 1;
            };
        }

        PtxKernel kernel(DType in, DType out) {
            return switch (this) {
                case CHANNELS -> ConvolutionKernels.im2colChannels(in, out);
                case PIXELS -> ConvolutionKernels.im2colPixels(in, out);
                case ELEMENTS -> ConvolutionKernels.im2col(in, out);
            };
        }
    }

    /** {@link dev.sam2j.tensor.Backend#convTranspose2d}. */
    public void convTranspose2d(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        CudaMatrix weights = (CudaMatrix) w;
        DeviceMatrix rows = device.matrix(x, type);
        DeviceMatrix y = device.matrix(destination);
        Parts parts = new Parts(device, epilogue, y.type());
        int batch = x.dim(0);
        int perEntry = rows.rows() / batch;
        int group = entriesAtOnce(batch, (long) perEntry * weights.out() * type.bytes());
        int residualRows = parts.residualRows();
        if (residualRows != 1 && residualRows != y.rows() && 4 * perEntry % residualRows != 0) {
            group = batch; // a group would have to begin in the middle of the residual's repetition
        }
        DeviceMatrix products = device.scratch(type, group * perEntry, weights.out());
        for (int first = 0; first < batch; first += group) {
            int count = Math.min(group, batch - first);
            DeviceMatrix part = products.rows(0, count * perEntry);
            multiply(rows.rows(first * perEntry, count * perEntry), weights, 0, part);
            DeviceMatrix residual = parts.residual;
            if (residual != null && residual.rows() == y.rows()) {
                residual = residual.rows(4 * first * perEntry, 4 * count * perEntry);
            }
            DeviceMatrix result = y.rows(4 * first * perEntry, 4 * count * perEntry);
            shuffle(part, parts, residual, result, x.dim(2));
        }
    }

    private void shuffle(DeviceMatrix products, Parts parts, DeviceMatrix residual, DeviceMatrix y, int inputWidth) {
        int width = DeviceMatrix.width(products, parts.bias, parts.scale, residual, y);
        device.kernels()
                .over(
                        (long) y.rows() * y.columns() / width,
                        List.of("pixelShuffle", products.type(), y.type(), width),
                        () -> ElementwiseKernels.pixelShuffle(products.type(), y.type(), width),
                        products.address(),
                        products.stride(),
                        parts.address(parts.bias),
                        parts.address(parts.scale),
                        parts.address(residual),
                        residual == null ? 0 : residual.stride(),
                        residual == null ? 1 : residual.rows(),
                        y.address(),
                        y.stride(),
                        y.rows(),
                        y.columns(),
                        parts.activation,
                        inputWidth);
    }
}
