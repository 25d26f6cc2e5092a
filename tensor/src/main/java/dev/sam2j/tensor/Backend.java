package dev.sam2j.tensor;

import java.util.List;
import java.util.Optional;

/**
 * The operations one kind of device provides. Every operation writes into a destination that the caller provides and
 * that must not overlap an input, except where an operation says otherwise. Shapes have been checked by {@code Ops}; a
 * backend may trust them. Tensors are channels-last, see {@link Tensor}; "row" and "column" speak of the last axis.
 *
 * <p>A backend serves several threads at once as long as they write to different destinations.
 */
public interface Backend extends AutoCloseable {
    /** What it runs on and computes with. */
    BackendInfo info();

    /**
     * Allocates uninitialised memory.
     *
     * @throws OutOfMemoryError or a backend exception that says how much was asked for
     */
    Storage allocate(DType dtype, long elements);

    /**
     * {@link #allocate} for values that stay as long as a model: a backend may put them beside the weights. They must
     * not change once an operation has read them.
     */
    default Storage allocateConstant(DType dtype, long elements) {
        return allocate(dtype, elements);
    }

    /** Copies host values, row by row, into a tensor, rounded to its type. */
    void upload(float[] source, int offset, Tensor destination);

    /** Copies a tensor, row by row, to the host, widened to float32. */
    void download(Tensor source, float[] destination, int offset);

    /**
     * The values of a tensor on the host, in row-major order, without waiting for them; the tensor may be overwritten
     * by later operations. Everything taken must be fetched once. The default waits.
     */
    default Pending<float[]> downloadLater(Tensor source) {
        float[] values = new float[Math.toIntExact(source.shape().elements())];
        download(source, values, 0);
        return Pending.of(values);
    }

    /** Packs a row-major {@code (out, in)} matrix for {@link #gemm}. */
    PackedMatrix pack(float[] matrix, int out, int in);

    /** {@code destination = epilogue(x Wᵀ)}: x (rows, in), W (out, in), destination (rows, out). */
    void gemm(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination);

    /**
     * Product of two activations for each batch entry: a (B, M, K), b (B or 1, N, K), destination (B, M, N),
     * {@code a bᵀ}.
     */
    void matmul(Tensor a, Tensor b, Tensor destination);

    /**
     * {@code softmax(scale q kᵀ) v} per head: q (B, Nq, heads*dk), k (B or 1, Nk, heads*dk), v (B or 1, Nk, heads*dv),
     * destination (B, Nq, heads*dv). A batch of 1 on the key side is shared by all entries. With windows, N is the
     * raster index on the grids of {@link AttentionSpec.Windows}.
     */
    void attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination);

    /**
     * {@code activation((x - mean) / sqrt(var + eps) * gamma + beta)} for each row, with the biased variance in two
     * passes. The destination may be x.
     */
    void layerNorm(Tensor x, Tensor gamma, Tensor beta, float eps, Activation activation, Tensor destination);

    /**
     * Convolution as a product: x (B, H, W, C), W of {@link #pack} over rows
     * {@code (kernel row, kernel column, channel)}, destination (B, H', W', out).
     */
    void conv2d(Tensor x, PackedMatrix w, Conv2dSpec spec, Epilogue epilogue, Tensor destination);

    /**
     * One kernel per channel: x (B, H, W, C), weight (kernel, kernel, C), bias (C), destination (B, H', W', C).
     */
    void depthwiseConv2d(Tensor x, Tensor weight, Tensor bias, Conv2dSpec spec, Tensor destination);

    /**
     * Transposed convolution with a 2x2 kernel and stride 2:
     * {@code destination[2y+i, 2x+j, o] = epilogue(sum_c x[y, x, c] W[c, o, i, j])}. x is (B, H, W, C), W is packed
     * over output rows {@code (i, j, o)}, destination (B, 2H, 2W, O); bias and scale of the epilogue have O columns,
     * the residual has rows of the destination that repeat as in {@link Epilogue}.
     */
    void convTranspose2d(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination);

    /** Largest of each 2x2 cell: x (B, H, W, C) with even H and W, destination (B, H/2, W/2, C). */
    void maxPool2d(Tensor x, Tensor destination);

    /** Resamples x (B, H, W, C) to the size of the destination (B, H', W', C). */
    void interpolate(Tensor x, Interpolation filter, Tensor destination);

    /**
     * {@code destination = alpha a + beta b}, same columns, where b's rows divide a's rows and repeat. The destination
     * may be a or b.
     */
    void add(Tensor a, float alpha, Tensor b, float beta, Tensor destination);

    /** {@code destination = activation(scale x + shift)}. The destination may be x. */
    void unary(Tensor x, float scale, float shift, Activation activation, Tensor destination);

    /**
     * Rotates adjacent pairs of columns: {@code (a, b) -> (a cos - b sin, a sin + b cos)}. x (B, N, C); table (P, C)
     * holds {@code cos, sin} of each pair side by side and is repeated along N. The destination may be x.
     */
    void rotary(Tensor x, Tensor table, Tensor destination);

    /** Copies values; the source's rows divide the destination's rows and repeat. Shapes may differ otherwise. */
    void copy(Tensor source, Tensor destination);

    /** Rounds every value to bfloat16 (nearest, ties to even) and keeps it as float32. The destination may be x. */
    void roundToBf16(Tensor x, Tensor destination);

    /**
     * Scales an 8-bit picture and normalises it: {@code ((v / 255) - mean) / std} per channel.
     *
     * @param rgb height * width * 3 bytes, row by row, red first
     * @param destination (1, H', W', 3)
     */
    void imageToTensor(
            byte[] rgb, int height, int width, ResizeFilter filter, float[] mean, float[] std, Tensor destination);

    /**
     * Resamples logits with {@link Interpolation#BILINEAR} to {@code height x width}, sets a bit where the result
     * exceeds a threshold, and counts the pixels above a lower and a higher one, without waiting for that, as
     * {@link #downloadLater}.
     *
     * @param logits one map (H, W)
     * @param low at most {@code threshold}
     * @param high at least {@code threshold}
     */
    Pending<MaskBits> thresholdMask(Tensor logits, int height, int width, float low, float threshold, float high);

    /**
     * Computes a fused operation, if this backend has a form of it that is faster than its steps.
     *
     * @return whether it did; otherwise nothing has happened
     */
    default boolean run(FusedOp op) {
        return false;
    }

    /**
     * Runs a section of a model: a fixed sequence of operations without anything that the host must wait for. A backend
     * may record them and repeat the recording when the same section is asked for again, then without running
     * {@code body}. The default just runs it.
     *
     * @param section tells this sequence of operations from others, together with its tensors and the position of the
     *     workspace
     * @param workspace where the body takes memory, which it must have given back when it ends
     * @param operands every tensor outside the workspace's free part that the body reads or writes, weights excepted
     * @param body calls operations of this backend only; it may run more than once
     */
    default void capture(Section section, Workspace workspace, List<Tensor> operands, Runnable body) {
        body.run();
    }

    /** A place after all work queued so far, from which work can be forked. */
    default ForkPoint forkPoint() {
        return ForkPoint.NO_FORK;
    }

    /** Memory of the device, if it is not the host's. */
    default Optional<DeviceMemory> memory() {
        return Optional.empty();
    }

    /** Waits until all results are visible to the host. */
    default void synchronize() {}

    /** Releases threads and device memory. */
    @Override
    void close();
}
