package dev.sam2j.cpu;

import static dev.sam2j.cpu.products.CpuMatrix.weights;
import static dev.sam2j.cpu.runtime.CpuStorage.data;
import static dev.sam2j.cpu.runtime.CpuStorage.offset;

import dev.sam2j.Precision;
import dev.sam2j.cpu.math.Pointwise;
import dev.sam2j.cpu.products.Conv2d;
import dev.sam2j.cpu.products.ConvTranspose2d;
import dev.sam2j.cpu.products.CpuMatrix;
import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.GemmEpilogue;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.Matmul;
import dev.sam2j.cpu.products.Mlp;
import dev.sam2j.cpu.products.PackedWeights;
import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;

/** The operations of {@link CpuBackend} that are matrix products: translates tensors to arrays, offsets and strides. */
public final class CpuProducts {
    private final ProductKernel kernel;
    private final GemmKernel floats;
    private final Gemm gemm;
    private final Mlp mlp;
    private final Matmul matmul;
    private final Conv2d conv2d;
    private final ConvTranspose2d convTranspose2d;

    CpuProducts(CpuKernels kernels, Parallel parallel) {
        kernel = kernels.products();
        floats = kernels.gemm();
        gemm = new Gemm(kernel, parallel);
        mlp = new Mlp(gemm);
        matmul = new Matmul(gemm);
        conv2d = new Conv2d(gemm);
        convTranspose2d = new ConvTranspose2d(gemm);
    }

    /** The format of factors. */
    Precision precision() {
        return kernel.valuesPerWord() == 1 ? Precision.FP32 : Precision.BF16;
    }

    PackedMatrix pack(float[] matrix, int out, int in) {
        if (out < 1 || in < 1 || matrix.length < (long) out * in) {
            throw new IllegalArgumentException(
                    "pack: expected a matrix of " + out + " x " + in + ", got " + matrix.length + " values");
        }
        PackedWeights packed = PackedWeights.pack(kernel, matrix, out, in, gemm.parallel());
        return new CpuMatrix(
                packed,
                new Lazy<>(() ->
                        precision() == Precision.FP32 ? packed : packed.repacked(kernel, floats, gemm.parallel())));
    }

    void gemm(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor y) {
        gemm.run(
                data(x),
                offset(x),
                x.rowStride(),
                x.rows(),
                weights(w),
                epilogue(epilogue),
                data(y),
                offset(y),
                y.rowStride());
    }

    void matmul(Tensor a, Tensor b, Tensor y) {
        matmul.run(
                data(a),
                offset(a),
                a.rowStride(),
                a.dim(0),
                a.dim(1),
                data(b),
                offset(b),
                b.rowStride(),
                b.dim(0) == 1,
                b.dim(1),
                a.cols(),
                data(y),
                offset(y),
                y.rowStride());
    }

    /** The fused perceptron, where {@link #fuses} says so. */
    void mlp(
            Tensor x,
            PackedMatrix w1,
            Tensor bias1,
            Activation activation,
            PackedMatrix w2,
            Epilogue epilogue2,
            Tensor y) {
        mlp.run(
                data(x),
                offset(x),
                x.rowStride(),
                x.rows(),
                weights(w1),
                epilogue(Epilogue.bias(bias1).with(activation)),
                weights(w2),
                epilogue(epilogue2),
                data(y),
                offset(y),
                y.rowStride());
    }

    boolean fuses(Tensor x, PackedMatrix w1) {
        return mlp.suits(x.rows());
    }

    void conv2d(Tensor x, PackedMatrix w, Conv2dSpec spec, Epilogue epilogue, Tensor y) {
        Conv2d.Geometry geometry = new Conv2d.Geometry(
                x.dim(0), x.dim(1), x.dim(2), x.cols(), x.rowStride(), spec.kernel(), spec.stride(), spec.padding());
        conv2d.run(data(x), offset(x), geometry, weights(w), epilogue(epilogue), data(y), offset(y), y.rowStride());
    }

    void convTranspose2d(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor y) {
        convTranspose2d.run(
                data(x),
                offset(x),
                x.rowStride(),
                x.dim(0),
                x.dim(1),
                x.dim(2),
                weights(w),
                epilogue(epilogue),
                data(y),
                offset(y),
                y.rowStride());
    }

    private static GemmEpilogue epilogue(Epilogue e) {
        Tensor bias = e.bias();
        Tensor scale = e.scale();
        Tensor residual = e.residual();
        return new GemmEpilogue(
                bias == null ? null : data(bias),
                bias == null ? 0 : offset(bias),
                pointwise(e.activation()),
                scale == null ? null : data(scale),
                scale == null ? 0 : offset(scale),
                residual == null ? null : data(residual),
                residual == null ? 0 : offset(residual),
                residual == null ? 0 : residual.rowStride(),
                residual == null ? 1 : residual.rows());
    }

    static Pointwise pointwise(Activation activation) {
        switch (activation) {
            case RELU:
                return Pointwise.RELU;
            case GELU:
                return Pointwise.GELU;
            case SIGMOID:
                return Pointwise.SIGMOID;
            default:
                return Pointwise.NONE;
        }
    }
}
