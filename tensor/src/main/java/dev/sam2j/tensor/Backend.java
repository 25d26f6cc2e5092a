package dev.sam2j.tensor;

import dev.sam2j.Precision;
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
    /** Short name, as in {@code --device}: {@code cpu} or {@code cuda:0}. */
    String name();

    /** One line about the device for people: lanes, threads, or card and driver. */
    String description();

    /** The number format that this backend computes in, never {@link Precision#AUTO}. */
    default Precision precision() {
        return Precision.FP32;
    }

    /** The element type that activations are stored in: what {@link Workspace} allocates unless told otherwise. */
    default DType activationType() {
        return DType.F32;
    }

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
     * Two-layer perceptron {@code epilogue2(activation(x W1ᵀ + bias1) W2ᵀ)}. The destination may be the residual of the
     * epilogue. The default runs two products; the hidden layer of all rows then lies in {@code workspace}.
     */
    default void mlp(
            Tensor x,
            PackedMatrix w1,
            Tensor bias1,
            Activation activation,
            PackedMatrix w2,
            Epilogue epilogue2,
            Tensor destination,
            Workspace workspace) {
        try (Workspace.Frame frame = workspace.frame()) {
            Tensor hidden = workspace.allocate(Shape.of(x.rows(), w1.out()));
            gemm(x, w1, Epilogue.bias(bias1).with(activation), hidden);
            gemm(hidden, w2, epilogue2, destination);
        }
    }

    /**
     * {@code softmax(scale q kᵀ) v} per head: q (B, Nq, heads*dk), k (B or 1, Nk, heads*dk), v (B or 1, Nk, heads*dv),
     * destination (B, Nq, heads*dv). A batch of 1 on the key side is shared by all entries. With windows, N is the
     * raster index on the grids of {@link AttentionSpec.Windows}.
     */
    void attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination);

    /**
     * Attention of one head to feature maps on one square grid and to tokens without a place behind them:
     * {@code softmax(q kᵀ / sqrt(C)) m} with {@code k = key(m + positions)}, turned by {@link #rotary} except where it
     * has no place. The default projects and turns all keys.
     *
     * @param q (1, Nq, C), turned already
     * @param memories m, (1, Nm, M): some maps of P positions each, then tokens without a place
     * @param positions (1, Nm, M)
     * @param placeless number of tokens without a place
     * @param rotary (P, C): the first half of the pairs must turn by angles proportional to the column of the grid, the
     *     second by angles proportional to the row
     * @param destination (1, Nq, M)
     */
    default void attendMaps(
            Tensor q,
            Tensor memories,
            Tensor positions,
            int placeless,
            Projection key,
            Tensor rotary,
            Tensor destination,
            Workspace workspace) {
        Unfused.attendMaps(this, q, memories, positions, placeless, key, rotary, destination, workspace);
    }

    /**
     * Attention of a few tokens to all positions of an image whose keys and values are projections:
     * {@code softmax(q kᵀ / sqrt(d)) v} per head with {@code k = key(x + positions)} and {@code v = value(x)}. q is (B,
     * T, heads*d), x (B or 1, N, C), positions (1, N, C), destination (B, T, heads*d). The default projects the image.
     */
    default void attendImage(
            Tensor q,
            Tensor x,
            Tensor positions,
            Projection key,
            Projection value,
            int heads,
            Tensor destination,
            Workspace workspace) {
        Unfused.attendImage(this, q, x, positions, key, value, heads, destination, workspace);
    }

    /**
     * Attention of all positions of an image to a few tokens, added to the image and normalised:
     * {@code norm(x + output(softmax(q kᵀ / sqrt(d)) v))} with {@code q = query(x + positions)}. x is (B or 1, N, C),
     * positions (1, N, C), k and v (B, T, heads*d), destination (B, N, C); it may be x if x has B entries. The default
     * projects the image.
     */
    default void attendTokens(
            Tensor x,
            Tensor positions,
            Tensor k,
            Tensor v,
            Projection query,
            Projection output,
            int heads,
            Norm norm,
            Tensor destination,
            Workspace workspace) {
        Unfused.attendTokens(this, x, positions, k, v, query, output, heads, norm, destination, workspace);
    }

    /**
     * {@link #attendTokens} with queries that are projected already, as it pays where many prompts share an image:
     * {@code norm(x + output(softmax(q kᵀ / sqrt(d)) v))}. q is (1, N, heads*d), the others are the same.
     */
    default void attendTokens(
            Tensor x,
            Tensor q,
            Tensor k,
            Tensor v,
            Projection output,
            int heads,
            Norm norm,
            Tensor destination,
            Workspace workspace) {
        Unfused.attendTokens(this, x, q, k, v, output, heads, norm, destination, workspace);
    }

    /**
     * Masks of B prompts: {@code filters gelu(up2(gelu(norm(up1(image) + highRes1))) + highRes0)ᵀ}, where {@code up1}
     * and {@code up2} are transposed convolutions as in {@link #convTranspose2d}. The default stores every step.
     *
     * @param image (B, h, w, C)
     * @param highRes0 (1, 4h, 4w, C2)
     * @param highRes1 (1, 2h, 2w, C1)
     * @param filters (B, M, C2)
     * @param destination (B, M, 4h*4w)
     */
    default void drawMasks(
            Tensor image,
            MaskUpscaling layers,
            Tensor highRes0,
            Tensor highRes1,
            Tensor filters,
            Tensor destination,
            Workspace workspace) {
        Unfused.drawMasks(this, image, layers, highRes0, highRes1, filters, destination, workspace);
    }

    /**
     * Operations on images that prompts share, where keeping them apart from what each prompt adds is faster than an
     * image for each prompt. By default there are none.
     */
    default Optional<LowRankOps> lowRank() {
        return Optional.empty();
    }

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

    /**
     * For each entry the row of its best score: {@code destination[b] = x[b, offset + m]} with the first m from
     * {@code first} on whose {@code scores[b, m]} is the largest. The default fetches the scores.
     *
     * @param x (B, R, N)
     * @param scores float32 (B, M)
     * @param destination (B, N)
     */
    default void pick(Tensor x, Tensor scores, int first, int offset, Tensor destination) {
        Unfused.pick(this, x, scores, first, offset, destination);
    }

    /**
     * {@code destination = a} in entries whose score is above 0, {@code b} in the others. The default fetches the
     * scores.
     *
     * @param scores float32 (B, 1)
     * @param a B times as many rows as an entry has
     * @param b as many columns, rows that divide those of an entry and repeat, or a's rows
     * @param destination as a, may be a
     */
    default void where(Tensor scores, Tensor a, Tensor b, Tensor destination) {
        Unfused.where(this, scores, a, b, destination);
    }

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
     * Resamples logits with {@link Interpolation#BILINEAR} to {@code height x width} and sets a bit where the result
     * exceeds {@code threshold}: bit {@code i} of {@code bits[offset...]} is pixel {@code i} in row-major order.
     *
     * @param logits one map (H, W)
     * @param bits at least {@code ceil(height * width / 64)} words after {@code offset}; unused bits of the last become
     *     0
     */
    void thresholdMask(Tensor logits, int height, int width, float threshold, long[] bits, int offset);

    /** The bits of {@link #thresholdMask} without waiting for them, as {@link #downloadLater}. The default waits. */
    default Pending<long[]> thresholdMaskLater(Tensor logits, int height, int width, float threshold) {
        long[] bits = new long[(int) (((long) height * width + 63) / 64)];
        thresholdMask(logits, height, width, threshold, bits, 0);
        return Pending.of(bits);
    }

    /**
     * {@link #thresholdMask} that also counts the pixels above a lower and a higher threshold, without the resampled
     * map. The default resamples three times.
     *
     * @param low at most {@code middle}
     * @param middle threshold of {@code bits}
     * @param high at least {@code middle}
     */
    default MaskCounts maskStatistics(
            Tensor logits, int height, int width, float low, float middle, float high, long[] bits, int offset) {
        int words = (height * width + 63) >>> 6;
        thresholdMask(logits, height, width, low, bits, offset);
        int aboveLow = MaskCounts.ones(bits, offset, words);
        thresholdMask(logits, height, width, high, bits, offset);
        int aboveHigh = MaskCounts.ones(bits, offset, words);
        thresholdMask(logits, height, width, middle, bits, offset);
        return new MaskCounts(aboveLow, aboveHigh);
    }

    /**
     * Fills small holes of masks: components of logits at or below 0 that touch by sides or corners and have at most
     * {@code maxArea} pixels become {@code value}; NaN belongs to none. The default does so on the host.
     *
     * @param logits (B, H, W) of float32 without gaps, changed in place
     * @param maxArea in pixels; 0 fills nothing
     */
    default void fillHoles(Tensor logits, int maxArea, float value) {
        Unfused.fillHoles(this, logits, maxArea, value);
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

    /**
     * Whether {@link #capture} repeats recordings, so that it pays to keep the tensors of a section at the same places.
     */
    default boolean captures() {
        return false;
    }

    /** Whether what is queued in a {@link ForkPoint#fork fork} runs beside other work. */
    default boolean forks() {
        return false;
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
