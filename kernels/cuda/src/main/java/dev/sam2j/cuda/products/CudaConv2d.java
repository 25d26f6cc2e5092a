package dev.sam2j.cuda.products;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.CudaMatrix;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;

/**
 * {@link dev.sam2j.tensor.Backend#conv2d}: a product if the kernel is one pixel, a kernel of its own for few channels,
 * otherwise a product with {@link Im2col gathered} inputs.
 */
public final class CudaConv2d {
    private CudaConv2d() {}

    /** Queues the operation. */
    public static void run(
            CudaGemm gemm, Tensor x, PackedMatrix w, Conv2dSpec spec, Epilogue epilogue, Tensor destination) {
        CudaDevice device = gemm.device();
        DType type = gemm.type();
        CudaMatrix weights = (CudaMatrix) w;
        DeviceMatrix y = device.matrix(destination);
        if (spec.kernel() == 1 && spec.stride() == 1 && spec.padding() == 0) {
            gemm.product(device.matrix(x, type), weights, epilogue, y);
            return;
        }
        if (DirectConvolution.run(gemm, x, weights, spec, epilogue, destination)) {
            return;
        }
        DeviceMatrix pixels = device.matrix(x);
        int batch = x.dim(0);
        int perEntry = y.rows() / batch;
        int columns = CudaMatrix.stride(weights.in(), type);
        int group = entriesAtOnce(device, batch, (long) perEntry * columns * type.bytes());
        DeviceMatrix gathered = device.scratch(type, group * perEntry, columns);
        // the padding is zero on both sides; the fast kernels of cuBLAS want rows of whole 16 bytes
        CudaMatrix padded = new CudaMatrix(weights.storage(), weights.out(), columns);
        if (group == batch) {
            Im2col.run(device, pixels, x, 0, batch, spec, destination, gathered);
            gemm.product(gathered, padded, epilogue, y);
            return;
        }
        gemm.finish(
                (result, beta) -> {
                    for (int first = 0; first < batch; first += group) {
                        int count = Math.min(group, batch - first);
                        DeviceMatrix part = gathered.rows(0, count * perEntry);
                        Im2col.run(device, pixels, x, first, count, spec, destination, part);
                        gemm.multiply(part, padded, beta, result.rows(first * perEntry, count * perEntry));
                    }
                },
                epilogue,
                y);
    }

    /** How many batch entries an intermediate result of {@code bytes} per entry can be made for at a time. */
    static int entriesAtOnce(CudaDevice device, int batch, long bytes) {
        return (int) Math.max(1, Math.min(batch, device.intermediateLimit() / bytes));
    }
}
