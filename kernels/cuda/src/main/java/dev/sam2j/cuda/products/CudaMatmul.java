package dev.sam2j.cuda.products;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Tensor;

/** {@link dev.sam2j.tensor.Backend#matmul}: cuBLAS, in float32 unless both matrices have the factors' half type. */
public final class CudaMatmul {
    private CudaMatmul() {}

    /** Queues the operation. */
    public static void run(CudaDevice device, CudaDriver.Factors factors, Tensor a, Tensor b, Tensor destination) {
        DType type = factors.type();
        boolean half = type.isHalf() && a.dtype() == type && b.dtype() == type;
        DType of = half ? type : DType.F32;
        DeviceMatrix left = device.matrix(a, of);
        DeviceMatrix right = device.matrix(b, of);
        DeviceMatrix y = device.matrix(destination);
        boolean direct = half || y.type() == DType.F32;
        DeviceMatrix result = direct ? y : device.scratch(DType.F32, y.rows(), y.columns());
        CudaDriver.Factors used = half || !type.isHalf() ? factors : CudaDriver.Factors.F32;
        CudaGemm.multiply(device, used, left, right, 0, result, a.dim(0));
        if (!direct) {
            device.copy(result, y);
        }
    }
}
