package dev.sam2j.cpu;

import dev.sam2j.Precision;
import dev.sam2j.cpu.attention.Attention;
import dev.sam2j.cpu.attention.CpuAttendMaps;
import dev.sam2j.cpu.decoder.CpuAttendImage;
import dev.sam2j.cpu.decoder.CpuAttendTokens;
import dev.sam2j.cpu.decoder.CpuDrawMasks;
import dev.sam2j.cpu.decoder.CpuShareImage;
import dev.sam2j.cpu.pictures.CpuFillHoles;
import dev.sam2j.cpu.pictures.DepthwiseConv2d;
import dev.sam2j.cpu.pictures.ImageToTensor;
import dev.sam2j.cpu.pictures.Interpolate;
import dev.sam2j.cpu.pictures.MaxPool2d;
import dev.sam2j.cpu.pictures.ThresholdMask;
import dev.sam2j.cpu.products.Conv2d;
import dev.sam2j.cpu.products.ConvTranspose2d;
import dev.sam2j.cpu.products.CpuMatrix;
import dev.sam2j.cpu.products.CpuMlp;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.Matmul;
import dev.sam2j.cpu.rows.Add;
import dev.sam2j.cpu.rows.Copy;
import dev.sam2j.cpu.rows.LayerNorm;
import dev.sam2j.cpu.rows.Rotary;
import dev.sam2j.cpu.rows.RoundToBf16;
import dev.sam2j.cpu.rows.Unary;
import dev.sam2j.cpu.runtime.CpuStorage;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.training.CpuTraining;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.BackendInfo;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.AttendImage;
import dev.sam2j.tensor.fused.AttendMaps;
import dev.sam2j.tensor.fused.AttendTokens;
import dev.sam2j.tensor.fused.DrawMasks;
import dev.sam2j.tensor.fused.FillHoles;
import dev.sam2j.tensor.fused.Mlp;
import dev.sam2j.tensor.fused.ShareImage;
import dev.sam2j.tensor.training.TrainingBackend;
import dev.sam2j.tensor.training.TrainingOps;

/**
 * Runs on the processor, in float32 on the Java heap; the factors of matrix products and of attention may be rounded to
 * bfloat16 ({@link dev.sam2j.cpu.Bf16Kernels}).
 */
public final class CpuBackend implements TrainingBackend {
    private final Parallel parallel;
    private final CpuKernels kernels;
    private final Gemm gemm;
    private final Gemm floatGemm;
    private final CpuTraining training;

    /** A backend with one thread per processor and the fastest kernels this process can run. */
    public CpuBackend() {
        this(Runtime.getRuntime().availableProcessors());
    }

    /**
     * A backend with the fastest kernels this process can run.
     *
     * @param threads threads that work on one operation, the caller included; at least 1
     */
    public CpuBackend(int threads) {
        this(threads, CpuKernels.choose());
    }

    /** A backend with the given kernels. */
    public CpuBackend(int threads, CpuKernels kernels) {
        this(threads, kernels, KernelWarmUp.start(kernels));
    }

    /** A backend whose first operation waits until {@code warmUp} has ended, unless that is null. */
    CpuBackend(int threads, CpuKernels kernels, Thread warmUp) {
        this.parallel = new Parallel(threads);
        parallel.waitFor(warmUp);
        this.kernels = kernels;
        this.gemm = new Gemm(kernels.products(), kernels.rows(), parallel);
        this.floatGemm = new Gemm(kernels.gemm(), kernels.rows(), parallel);
        this.training = new CpuTraining(kernels, parallel);
    }

    @Override
    public BackendInfo info() {
        int threads = parallel.threads();
        return new BackendInfo(
                "cpu",
                "CPU, " + kernels.description() + ", " + threads + (threads == 1 ? " thread" : " threads"),
                kernels.products().valuesPerWord() == 1 ? Precision.FP32 : Precision.BF16,
                DType.F32,
                false);
    }

    @Override
    public Storage allocate(DType dtype, long elements) {
        if (dtype != DType.F32) {
            throw new IllegalArgumentException("allocate: the CPU backend computes in F32, got " + dtype);
        }
        if (elements > Integer.MAX_VALUE - 8) {
            throw new OutOfMemoryError("allocate: " + elements + " float32 values exceed the largest Java array");
        }
        try {
            return new CpuStorage((int) elements);
        } catch (OutOfMemoryError e) {
            throw (OutOfMemoryError) new OutOfMemoryError("allocate: no room for " + elements + " float32 values ("
                            + (elements >> 18) + " MiB) on the Java heap, see -Xmx")
                    .initCause(e);
        }
    }

    @Override
    public void upload(float[] source, int offset, Tensor destination) {
        Rows to = CpuStorage.rows(destination);
        int cols = destination.cols();
        for (int r = 0; r < destination.rows(); r++) {
            System.arraycopy(source, offset + r * cols, to.data(), to.at(r), cols);
        }
    }

    @Override
    public void download(Tensor source, float[] destination, int offset) {
        Rows from = CpuStorage.rows(source);
        int cols = source.cols();
        for (int r = 0; r < source.rows(); r++) {
            System.arraycopy(from.data(), from.at(r), destination, offset + r * cols, cols);
        }
    }

    @Override
    public PackedMatrix pack(float[] matrix, int out, int in) {
        return CpuMatrix.pack(matrix, out, in, kernels.products(), kernels.gemm(), parallel);
    }

    @Override
    public void gemm(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        (CpuMatrix.isForTraining(w) ? floatGemm : gemm).run(x, w, epilogue, destination);
    }

    @Override
    public void matmul(Tensor a, Tensor b, Tensor destination) {
        Matmul.run(a, b, destination, gemm);
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination) {
        Attention.run(q, k, v, spec, destination, null, kernels.attention(), kernels.products(), parallel);
    }

    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float eps, Activation activation, Tensor destination) {
        LayerNorm.run(x, gamma, beta, eps, activation, destination, kernels.rows(), parallel);
    }

    @Override
    public void conv2d(Tensor x, PackedMatrix w, Conv2dSpec spec, Epilogue epilogue, Tensor destination) {
        Conv2d.run(x, w, spec, epilogue, destination, gemm);
    }

    @Override
    public void depthwiseConv2d(Tensor x, Tensor weight, Tensor bias, Conv2dSpec spec, Tensor destination) {
        DepthwiseConv2d.run(x, weight, bias, spec, destination, kernels.pictures(), parallel);
    }

    @Override
    public void convTranspose2d(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        ConvTranspose2d.run(x, w, epilogue, destination, gemm);
    }

    @Override
    public void maxPool2d(Tensor x, Tensor destination) {
        MaxPool2d.run(x, destination, kernels.pictures(), parallel);
    }

    @Override
    public void interpolate(Tensor x, Interpolation filter, Tensor destination) {
        Interpolate.run(x, filter, destination, kernels.pictures(), parallel);
    }

    @Override
    public void add(Tensor a, float alpha, Tensor b, float beta, Tensor destination) {
        Add.run(a, alpha, b, beta, destination, kernels.rows(), parallel);
    }

    @Override
    public void unary(Tensor x, float scale, float shift, Activation activation, Tensor destination) {
        Unary.run(x, scale, shift, activation, destination, kernels.rows(), parallel);
    }

    @Override
    public void rotary(Tensor x, Tensor table, Tensor destination) {
        Rotary.run(x, table, destination, parallel);
    }

    @Override
    public void copy(Tensor source, Tensor destination) {
        Copy.run(source, destination, parallel);
    }

    @Override
    public void roundToBf16(Tensor x, Tensor destination) {
        RoundToBf16.run(x, destination, kernels.rows(), parallel);
    }

    @Override
    public void imageToTensor(
            byte[] rgb, int height, int width, ResizeFilter filter, float[] mean, float[] std, Tensor destination) {
        ImageToTensor.run(rgb, height, width, filter, mean, std, destination, parallel);
    }

    @Override
    public Pending<MaskBits> thresholdMask(
            Tensor logits, int height, int width, float low, float threshold, float high) {
        return Pending.of(ThresholdMask.run(logits, height, width, low, threshold, high, kernels.pictures(), parallel));
    }

    @Override
    public boolean run(FusedOp op) {
        if (op instanceof Mlp mlp) {
            return CpuMlp.run(mlp, gemm);
        } else if (op instanceof AttendMaps attendMaps) {
            return CpuAttendMaps.run(attendMaps, kernels.attention(), kernels.gemm(), kernels.rows(), parallel);
        } else if (op instanceof AttendImage attendImage) {
            return CpuAttendImage.run(attendImage, kernels, parallel);
        } else if (op instanceof AttendTokens attendTokens) {
            return CpuAttendTokens.run(attendTokens, kernels, parallel);
        } else if (op instanceof DrawMasks drawMasks) {
            return CpuDrawMasks.run(drawMasks, kernels, parallel);
        } else if (op instanceof ShareImage shareImage) {
            return CpuShareImage.run(shareImage, kernels, parallel);
        } else if (op instanceof FillHoles fillHoles) {
            return CpuFillHoles.run(fillHoles, parallel);
        }
        return false;
    }

    @Override
    public TrainingOps training() {
        return training;
    }

    @Override
    public void close() {
        parallel.close();
    }
}
