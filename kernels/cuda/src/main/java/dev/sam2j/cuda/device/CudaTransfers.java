package dev.sam2j.cuda.device;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.host.HalfPrecision;
import java.nio.ByteBuffer;

/** Copies of values between the host and tensors of the device. */
public final class CudaTransfers {
    private final CudaDevice device;
    private final DType factors;

    /** Transfers whose packed matrices have elements of type {@code factors}. */
    public CudaTransfers(CudaDevice device, DType factors) {
        this.device = device;
        this.factors = factors;
    }

    /** {@link dev.sam2j.tensor.Backend#upload}. */
    public void upload(float[] source, int offset, Tensor destination) {
        long elements = destination.shape().elements();
        if (offset < 0 || source.length - (long) offset < elements) {
            throw new ArrayIndexOutOfBoundsException("upload: " + elements + " values from " + offset + " on of "
                    + source.length + " for " + destination.shape());
        }
        device.run(() -> {
            device.graphs().refuse("uploads values");
            DeviceMatrix target = device.matrix(destination);
            DeviceMatrix plain =
                    target.contiguous() ? target : device.scratch(target.type(), target.rows(), target.columns());
            write(source, offset, elements, plain.address(), target.type());
            if (plain != target) {
                device.copy(plain, target);
            }
            if (device.isConstant(destination)) {
                device.constantWritten();
            }
        });
    }

    /** {@link dev.sam2j.tensor.Backend#download}. */
    public void download(Tensor source, float[] destination, int offset) {
        long elements = source.shape().elements();
        if (offset < 0 || destination.length - (long) offset < elements) {
            throw new ArrayIndexOutOfBoundsException("download: " + elements + " values to " + offset + " on of "
                    + destination.length + " from " + source.shape());
        }
        device.run(() -> {
            device.graphs().refuse("downloads values");
            DType type = source.dtype();
            DeviceMatrix plain = device.contiguous(source, type);
            int bytes = type.bytes();
            device.staging()
                    .download(
                            plain.address(),
                            elements * bytes,
                            (memory, at, length) -> widen(
                                    memory, type, destination, offset + Math.toIntExact(at / bytes), length / bytes));
        });
    }

    /** {@link dev.sam2j.tensor.Backend#downloadLater}. */
    public Pending<float[]> downloadLater(Tensor source) {
        int elements = Math.toIntExact(source.shape().elements());
        return device.get(() -> {
            device.graphs().refuse("downloads values");
            DType type = source.dtype();
            DeviceMatrix plain = device.contiguous(source, type);
            return device.readbacks().copy(device, plain.address(), (long) elements * type.bytes(), memory -> {
                float[] values = new float[elements];
                widen(memory, type, values, 0, elements);
                return values;
            });
        });
    }

    /** {@link dev.sam2j.tensor.Backend#pack}. */
    public PackedMatrix pack(float[] matrix, int out, int in) {
        if (out < 1 || in < 1 || matrix.length < (long) out * in) {
            throw new IllegalArgumentException(
                    "pack: expected a matrix of " + out + " x " + in + ", got " + matrix.length + " values");
        }
        int stride = CudaMatrix.stride(in, factors);
        float[] padded = matrix;
        if (stride != in) {
            padded = new float[Math.multiplyExact(out, stride)];
            for (int row = 0; row < out; row++) {
                System.arraycopy(matrix, row * in, padded, row * stride, in);
            }
        }
        CudaStorage storage = device.allocate(factors, (long) out * stride, true);
        try {
            float[] values = padded;
            device.run(() -> {
                device.graphs().refuse("uploads values");
                write(values, 0, (long) out * stride, device.address(storage), factors);
                device.constantWritten();
            });
        } catch (RuntimeException | Error e) {
            storage.close();
            throw e;
        }
        return new CudaMatrix(storage, out, in);
    }

    private void write(float[] source, int offset, long elements, long address, DType type) {
        int bytes = type.bytes();
        device.staging()
                .upload(
                        address,
                        elements * bytes,
                        (memory, at, length) ->
                                narrow(source, offset + Math.toIntExact(at / bytes), memory, type, length / bytes));
    }

    private static void narrow(float[] source, int offset, ByteBuffer memory, DType type, int count) {
        if (type == DType.F32) {
            memory.asFloatBuffer().put(source, offset, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            float value = source[offset + i];
            memory.putShort(
                    2 * i, type == DType.F16 ? HalfPrecision.toSaturatedF16(value) : HalfPrecision.toBf16(value));
        }
    }

    private static void widen(ByteBuffer memory, DType type, float[] destination, int offset, int count) {
        if (type == DType.F32) {
            memory.asFloatBuffer().get(destination, offset, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            short half = memory.getShort(2 * i);
            destination[offset + i] = type == DType.F16 ? HalfPrecision.fromF16(half) : HalfPrecision.fromBf16(half);
        }
    }
}
