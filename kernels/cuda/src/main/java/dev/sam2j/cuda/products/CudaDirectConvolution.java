package dev.sam2j.cuda.products;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.CudaMatrix;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Tensor;
import java.util.List;

/** Convolutions of few channels to few, which are one kernel instead of a gathering, a product and an epilogue. */
final class CudaDirectConvolution {
    private static final int KERNEL = 3;
    private static final int MAX_OUTPUTS = 16;

    private final CudaDevice device;
    private final DType type;

    /** Convolutions with weights of a type of two bytes. */
    CudaDirectConvolution(CudaDevice device, DType type) {
        this.device = device;
        this.type = type;
    }

    /** Runs a convolution, or returns false if it is not one of these. */
    boolean run(Tensor x, CudaMatrix weights, Conv2dSpec spec, Epilogue epilogue, Tensor destination) {
        int channels = x.cols();
        int outputs = weights.out();
        boolean small = spec.kernel() == KERNEL && (channels == 1 || channels == 4) && outputs <= MAX_OUTPUTS;
        boolean plain =
                epilogue.activation() == Activation.NONE && epilogue.scale() == null && epilogue.residual() == null;
        if (!small || !plain) {
            return false;
        }
        DeviceMatrix from = device.matrix(x);
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix bias = device.vector(epilogue.bias());
        if (!to.inFours() || (channels == 4 && !from.inFours()) || (bias != null && !bias.inFours())) {
            return false;
        }
        device.kernels()
                .launch(
                        List.of("conv2d direct", type, from.type(), to.type(), channels),
                        () -> DirectConvolutionKernel.of(type, from.type(), to.type(), channels, KERNEL),
                        kernel -> DirectConvolutionKernel.grid(
                                kernel, destination.dim(0), destination.dim(1), destination.dim(2), outputs),
                        from.address(),
                        from.stride(),
                        device.address(weights.storage()),
                        CudaMatrix.stride(weights.in(), type),
                        bias == null ? 0L : bias.address(),
                        to.address(),
                        to.stride(),
                        destination.dim(0),
                        destination.dim(1),
                        destination.dim(2),
                        outputs,
                        x.dim(1),
                        x.dim(2),
                        spec.kernel(),
                        spec.stride(),
                        spec.padding());
        return true;
    }
}
