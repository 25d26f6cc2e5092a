package dev.sam2j.cuda;

import dev.sam2j.BackendException;
import dev.sam2j.Precision;
import dev.sam2j.cuda.attention.CudaAttention;
import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.CudaSettings;
import dev.sam2j.cuda.device.CudaTransfers;
import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.cuda.pictures.CudaDepthwiseConv2d;
import dev.sam2j.cuda.pictures.CudaFillHoles;
import dev.sam2j.cuda.pictures.CudaImageToTensor;
import dev.sam2j.cuda.pictures.CudaInterpolate;
import dev.sam2j.cuda.pictures.CudaMaxPool2d;
import dev.sam2j.cuda.pictures.CudaThresholdMask;
import dev.sam2j.cuda.products.CudaConv2d;
import dev.sam2j.cuda.products.CudaConvTranspose2d;
import dev.sam2j.cuda.products.CudaGemm;
import dev.sam2j.cuda.products.CudaMatmul;
import dev.sam2j.cuda.rows.CudaAdd;
import dev.sam2j.cuda.rows.CudaLayerNorm;
import dev.sam2j.cuda.rows.CudaPick;
import dev.sam2j.cuda.rows.CudaRotary;
import dev.sam2j.cuda.rows.CudaRoundToBf16;
import dev.sam2j.cuda.rows.CudaUnary;
import dev.sam2j.cuda.rows.CudaWhere;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.BackendInfo;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.DeviceMemory;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.ForkPoint;
import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.fused.FillHoles;
import dev.sam2j.tensor.fused.Pick;
import dev.sam2j.tensor.fused.Where;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Runs on an NVIDIA GPU: cuBLAS for matrix products, own kernels for everything else. Operations queue their work on
 * one stream, or in a {@link #forkPoint fork} on another, and return; downloads wait for it. With {@link
 * Precision#BF16} or {@link Precision#FP16} activations and weight matrices are stored in two bytes and everything is
 * summed in float32; biases, norms and tables stay float32, and so does whatever is given a float32 destination.
 * Operands of other types than an operation's kernels have are converted on the device.
 */
public final class CudaBackend implements Backend {
    private final CudaDevice device;
    private final Precision precision;
    private final CudaTransfers transfers;
    private final CudaDriver.Factors factors;
    private final CudaGemm gemm;
    private final CudaAttention attention;

    /** Takes over the driver, which it closes, also if this fails. */
    public CudaBackend(CudaDriver driver, Precision precision, CudaSettings settings) {
        this.precision = precision == Precision.AUTO ? Precision.BF16 : precision;
        factors = switch (this.precision) {
            case FP32 -> CudaDriver.Factors.F32;
            case TF32 -> CudaDriver.Factors.TF32;
            case FP16 -> CudaDriver.Factors.F16;
            case BF16, AUTO -> CudaDriver.Factors.BF16;
        };
        device = new CudaDevice(driver, settings);
        transfers = new CudaTransfers(device, factors.type());
        gemm = new CudaGemm(device, factors, settings.products());
        attention = new CudaAttention(device);
    }

    /** What the operations share, for tests. */
    public CudaDevice device() {
        return device;
    }

    @Override
    public BackendInfo info() {
        CudaDriver.DeviceInfo info = device.driver().device();
        int version = info.driverVersion();
        String description = device.name() + ", " + info.name() + ", compute capability " + info.major() + "."
                + info.minor() + ", driver for CUDA " + version / 1000 + "." + version % 1000 / 10 + ", "
                + info.libraries();
        return new BackendInfo(
                device.name(),
                description,
                precision,
                factors.type(),
                device.graphs().enabled());
    }

    @Override
    public Storage allocate(DType dtype, long elements) {
        return device.allocate(dtype, elements, false);
    }

    @Override
    public Storage allocateConstant(DType dtype, long elements) {
        return device.allocate(dtype, elements, true);
    }

    @Override
    public void upload(float[] source, int offset, Tensor destination) {
        transfers.upload(source, offset, destination);
    }

    @Override
    public void download(Tensor source, float[] destination, int offset) {
        transfers.download(source, destination, offset);
    }

    @Override
    public Pending<float[]> downloadLater(Tensor source) {
        return get("downloadLater", () -> transfers.downloadLater(source));
    }

    @Override
    public PackedMatrix pack(float[] matrix, int out, int in) {
        return transfers.pack(matrix, out, in);
    }

    /** Queues one operation; an error says which. */
    private void run(String operation, Runnable body) {
        get(operation, () -> {
            body.run();
            return null;
        });
    }

    private <T> T get(String operation, Supplier<T> body) {
        return named(operation, () -> device.get(body));
    }

    private static <T> T named(String operation, Supplier<T> body) {
        try {
            return body.get();
        } catch (BackendException e) {
            throw new BackendException(operation + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void gemm(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        run("gemm", () -> gemm.run(x, w, epilogue, destination));
    }

    @Override
    public void matmul(Tensor a, Tensor b, Tensor destination) {
        run("matmul", () -> CudaMatmul.run(device, factors, a, b, destination));
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination) {
        run("attention", () -> attention.run(q, k, v, spec, destination));
    }

    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float eps, Activation activation, Tensor destination) {
        named(
                "layerNorm",
                () -> device.afterUpdate(() -> {
                    CudaLayerNorm.run(device, x, gamma, beta, eps, activation, destination);
                    return null;
                }));
    }

    @Override
    public void conv2d(Tensor x, PackedMatrix w, Conv2dSpec spec, Epilogue epilogue, Tensor destination) {
        run("conv2d", () -> CudaConv2d.run(gemm, x, w, spec, epilogue, destination));
    }

    @Override
    public void depthwiseConv2d(Tensor x, Tensor weight, Tensor bias, Conv2dSpec spec, Tensor destination) {
        run("depthwiseConv2d", () -> CudaDepthwiseConv2d.run(device, x, weight, bias, spec, destination));
    }

    @Override
    public void convTranspose2d(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        run("convTranspose2d", () -> CudaConvTranspose2d.run(gemm, x, w, epilogue, destination));
    }

    @Override
    public void maxPool2d(Tensor x, Tensor destination) {
        run("maxPool2d", () -> CudaMaxPool2d.run(device, x, destination));
    }

    @Override
    public void interpolate(Tensor x, Interpolation filter, Tensor destination) {
        run("interpolate", () -> CudaInterpolate.run(device, x, filter, destination));
    }

    @Override
    public void add(Tensor a, float alpha, Tensor b, float beta, Tensor destination) {
        run("add", () -> CudaAdd.run(device, a, alpha, b, beta, destination));
    }

    @Override
    public void unary(Tensor x, float scale, float shift, Activation activation, Tensor destination) {
        run("unary", () -> CudaUnary.run(device, x, scale, shift, activation, destination));
    }

    @Override
    public void rotary(Tensor x, Tensor table, Tensor destination) {
        run("rotary", () -> CudaRotary.run(device, x, table, destination));
    }

    @Override
    public void copy(Tensor source, Tensor destination) {
        run("copy", () -> device.copy(device.matrix(source), device.matrix(destination)));
    }

    @Override
    public void roundToBf16(Tensor x, Tensor destination) {
        run("roundToBf16", () -> CudaRoundToBf16.run(device, x, destination));
    }

    @Override
    public void imageToTensor(
            byte[] rgb, int height, int width, ResizeFilter filter, float[] mean, float[] std, Tensor destination) {
        run("imageToTensor", () -> CudaImageToTensor.run(device, rgb, height, width, filter, mean, std, destination));
    }

    @Override
    public Pending<MaskBits> thresholdMask(
            Tensor logits, int height, int width, float low, float threshold, float high) {
        return get("thresholdMask", () -> CudaThresholdMask.run(device, logits, height, width, low, threshold, high));
    }

    @Override
    public boolean run(FusedOp op) {
        if (op instanceof Pick pick) {
            run("pick", () -> CudaPick.run(device, pick));
        } else if (op instanceof Where where) {
            run("where", () -> CudaWhere.run(device, where));
        } else if (op instanceof FillHoles fillHoles) {
            run("fillHoles", () -> CudaFillHoles.run(device, fillHoles));
        } else {
            return false;
        }
        return true;
    }

    @Override
    public void capture(Section section, Workspace workspace, List<Tensor> operands, Runnable body) {
        if (!device.get(() -> device.graphs().run(section, workspace.mark(), operands, body))) {
            body.run();
        }
    }

    @Override
    public ForkPoint forkPoint() {
        return device.forks() ? device.streams().forkPoint() : ForkPoint.NO_FORK;
    }

    @Override
    public Optional<DeviceMemory> memory() {
        return Optional.of(device.memory());
    }

    @Override
    public void synchronize() {
        device.run(() -> {
            device.graphs().refuse("waits");
            device.driver().synchronize();
        });
    }

    @Override
    public void close() {
        device.close();
    }
}
