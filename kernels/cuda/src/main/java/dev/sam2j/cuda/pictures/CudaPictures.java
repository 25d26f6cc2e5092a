package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.ptx.ConvolutionKernels;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.MaskCounts;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Tensor;
import java.util.List;

/** The operations on pictures that are not matrix products. */
public final class CudaPictures {
    private static final int CHANNELS = 3;
    /** Size of the depthwise kernels that are computed in strips of pixels. */
    private static final int STRIP_KERNEL = 7;

    private static final int COUNTER_BYTES = 8;
    /** Blocks that suffice to keep a device busy while every warp adds to the counters only once. */
    private static final int STATISTICS_BLOCKS = 512;

    private final CudaDevice device;

    /** Operations on a device. */
    public CudaPictures(CudaDevice device) {
        this.device = device;
    }

    /** {@link dev.sam2j.tensor.Backend#maxPool2d}. */
    public void maxPool2d(Tensor x, Tensor destination) {
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix from = device.matrix(x, to.type());
        int width = DeviceMatrix.width(from, to);
        device.kernels()
                .over(
                        (long) to.rows() * to.columns() / width,
                        List.of("maxPool2d", to.type(), width),
                        () -> ConvolutionKernels.maxPool2d(to.type(), width),
                        from.address(),
                        from.stride(),
                        to.address(),
                        to.stride(),
                        destination.dim(0),
                        destination.dim(1),
                        destination.dim(2),
                        destination.dim(3));
    }

    /** {@link dev.sam2j.tensor.Backend#depthwiseConv2d}. */
    public void depthwiseConv2d(Tensor x, Tensor weight, Tensor bias, Conv2dSpec spec, Tensor destination) {
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix from = device.matrix(x, to.type());
        DeviceMatrix factors = device.contiguous(weight, DType.F32);
        DeviceMatrix shifts = device.vector(bias);
        int width = DeviceMatrix.width(from, factors, shifts, to);
        Object[] arguments = {
            from.address(),
            from.stride(),
            factors.address(),
            shifts.address(),
            to.address(),
            to.stride(),
            destination.dim(0),
            destination.dim(1),
            destination.dim(2),
            destination.dim(3),
            x.dim(1),
            x.dim(2),
            spec.kernel(),
            spec.stride(),
            spec.padding()
        };
        if (width == 4 && spec.kernel() == STRIP_KERNEL && spec.stride() == 1) {
            device.kernels()
                    .launch(
                            List.of("depthwiseConv2d strips", to.type()),
                            () -> DepthwiseStripsKernel.of(to.type(), STRIP_KERNEL),
                            kernel -> DepthwiseStripsKernel.grid(
                                    kernel,
                                    destination.dim(0),
                                    destination.dim(1),
                                    destination.dim(2),
                                    destination.dim(3)),
                            arguments);
        } else {
            device.kernels()
                    .over(
                            (long) to.rows() * to.columns() / width,
                            List.of("depthwiseConv2d", to.type(), width),
                            () -> ConvolutionKernels.depthwiseConv2d(to.type(), width),
                            arguments);
        }
    }

    /** {@link dev.sam2j.tensor.Backend#interpolate}. */
    public void interpolate(Tensor x, Interpolation filter, Tensor destination) {
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix from = device.matrix(x, to.type());
        int width = DeviceMatrix.width(from, to);
        device.kernels()
                .over(
                        (long) to.rows() * to.columns() / width,
                        List.of("interpolate", to.type(), filter, width),
                        () -> ResizeKernels.interpolate(to.type(), filter, width),
                        from.address(),
                        from.stride(),
                        to.address(),
                        to.stride(),
                        destination.dim(0),
                        destination.dim(1),
                        destination.dim(2),
                        destination.dim(3),
                        x.dim(1),
                        x.dim(2),
                        (float) x.dim(1) / destination.dim(1),
                        (float) x.dim(2) / destination.dim(2));
    }

    /** {@link dev.sam2j.tensor.Backend#imageToTensor}. */
    public void imageToTensor(
            byte[] rgb, int height, int width, ResizeFilter filter, float[] mean, float[] std, Tensor destination) {
        device.graphs().refuse("uploads a picture");
        int outHeight = destination.dim(1);
        int outWidth = destination.dim(2);
        long picture = uploaded(rgb);
        int inHeight = height;
        int inWidth = width;
        if (filter == ResizeFilter.BICUBIC_8BIT) {
            // columns first, as the reference; an axis that keeps its length is left alone
            if (width != outWidth) {
                long narrowed = device.scratch((long) height * outWidth * CHANNELS);
                resample(picture, narrowed, width, outWidth, height, width * CHANNELS, CHANNELS, outWidth * CHANNELS);
                picture = narrowed;
            }
            if (height != outHeight) {
                long lowered = device.scratch((long) outHeight * outWidth * CHANNELS);
                int line = outWidth * CHANNELS;
                resample(picture, lowered, height, outHeight, outWidth, CHANNELS, line, CHANNELS);
                picture = lowered;
            }
            inHeight = outHeight;
            inWidth = outWidth;
        }
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix plain = to.contiguous() ? to : device.scratch(to.type(), to.rows(), to.columns());
        boolean unscaled = inHeight == outHeight
                && inWidth == outWidth
                && outHeight * outWidth % 4 == 0
                && plain.address() % 16 == 0;
        device.kernels()
                .over(
                        (long) outHeight * outWidth / (unscaled ? 4 : 1),
                        List.of("imageToTensor", to.type(), unscaled),
                        () -> unscaled
                                ? ResizeKernels.imageToTensorUnscaled(to.type())
                                : ResizeKernels.imageToTensor(to.type()),
                        picture,
                        plain.address(),
                        outHeight,
                        outWidth,
                        inHeight,
                        inWidth,
                        (float) inHeight / outHeight,
                        (float) inWidth / outWidth,
                        mean[0],
                        mean[1],
                        mean[2],
                        std[0],
                        std[1],
                        std[2]);
        if (plain != to) {
            device.copy(plain, to);
        }
    }

    private long uploaded(byte[] bytes) {
        long address = device.scratch(bytes.length);
        device.staging()
                .upload(
                        address,
                        bytes.length,
                        (memory, offset, length) -> memory.put(bytes, Math.toIntExact(offset), length));
        return address;
    }

    private long uploaded(int[] values) {
        long address = device.scratch(4L * values.length);
        device.staging()
                .upload(
                        address,
                        4L * values.length,
                        (memory, offset, length) ->
                                memory.asIntBuffer().put(values, Math.toIntExact(offset / 4), length / 4));
        return address;
    }

    /**
     * Resamples one axis of a picture of bytes from {@code in} to {@code out} samples.
     *
     * @param lines number of lines along the axis
     * @param fromLine bytes between the starts of two lines of the source
     * @param sample bytes between two samples of a line, of source and destination
     * @param toLine bytes between the starts of two lines of the destination
     */
    private void resample(long from, long to, int in, int out, int lines, int fromLine, int sample, int toLine) {
        Bicubic8BitWeights weights = Bicubic8BitWeights.of(in, out);
        device.kernels()
                .over(
                        (long) lines * out * CHANNELS,
                        "resample8Bit",
                        ResizeKernels::resample8Bit,
                        from,
                        to,
                        lines,
                        out,
                        CHANNELS,
                        fromLine,
                        sample,
                        toLine,
                        sample,
                        uploaded(weights.first()),
                        uploaded(weights.count()),
                        uploaded(weights.weights()),
                        weights.taps());
    }

    /** {@link dev.sam2j.tensor.Backend#thresholdMask}. */
    public void thresholdMask(Tensor logits, int height, int width, float threshold, long[] bits, int offset) {
        long address = thresholded(logits, height, width, threshold);
        download(address, words(height, width), bits, offset);
    }

    /** {@link dev.sam2j.tensor.Backend#thresholdMaskLater}. */
    public Pending<long[]> thresholdMaskLater(Tensor logits, int height, int width, float threshold) {
        long address = thresholded(logits, height, width, threshold);
        int words = words(height, width);
        return device.landings().copy(device, address, 8L * words, memory -> {
            long[] bits = new long[words];
            memory.asLongBuffer().get(bits);
            return bits;
        });
    }

    private static int words(int height, int width) {
        return Math.toIntExact(((long) height * width + 63) / 64);
    }

    /** Address of the bits, in scratch memory. */
    private long thresholded(Tensor logits, int height, int width, float threshold) {
        device.graphs().refuse("downloads a mask");
        DeviceMatrix map = device.contiguous(logits, logits.dtype());
        int words = words(height, width);
        long address = device.scratch(8L * words);
        device.kernels()
                .over(
                        64L * words,
                        List.of("thresholdMask", map.type()),
                        () -> ResizeKernels.thresholdMask(map.type()),
                        map.address(),
                        1,
                        address,
                        height,
                        width,
                        logits.dim(0),
                        logits.dim(1),
                        (float) logits.dim(0) / height,
                        (float) logits.dim(1) / width,
                        threshold);
        return address;
    }

    /** {@link dev.sam2j.tensor.Backend#maskStatistics}. */
    public MaskCounts maskStatistics(
            Tensor logits, int height, int width, float low, float middle, float high, long[] bits, int offset) {
        device.graphs().refuse("downloads a mask");
        DeviceMatrix map = device.contiguous(logits, logits.dtype());
        int words = words(height, width);
        long counters = device.scratch(COUNTER_BYTES + 8L * words); // then the bits, so that one copy gets both
        device.driver().fill(counters, COUNTER_BYTES, (byte) 0);
        device.kernels()
                .launch(
                        List.of("maskStatistics", map.type()),
                        () -> ResizeKernels.maskStatistics(map.type()),
                        kernel -> {
                            PtxKernel.Grid grid = kernel.gridOver(64L * words);
                            return new PtxKernel.Grid(Math.min(grid.x(), STATISTICS_BLOCKS), 1, 1);
                        },
                        map.address(),
                        1,
                        counters + COUNTER_BYTES,
                        height,
                        width,
                        logits.dim(0),
                        logits.dim(1),
                        (float) logits.dim(0) / height,
                        (float) logits.dim(1) / width,
                        low,
                        middle,
                        high,
                        counters);
        long[] result = new long[words + 1];
        download(counters, words + 1, result, 0);
        System.arraycopy(result, 1, bits, offset, words);
        return new MaskCounts((int) result[0], (int) (result[0] >>> 32));
    }

    private void download(long address, int words, long[] destination, int offset) {
        device.staging()
                .download(
                        address,
                        8L * words,
                        (memory, at, length) ->
                                memory.asLongBuffer().get(destination, offset + Math.toIntExact(at / 8), length / 8));
    }
}
