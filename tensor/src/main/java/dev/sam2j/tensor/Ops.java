package dev.sam2j.tensor;

import java.util.Arrays;
import java.util.List;

/**
 * What model code computes with: checks shapes, takes results from a {@link Workspace} and calls the {@link Backend}.
 * Methods without a destination return a tensor of the current frame. One thread at a time may use an instance.
 */
public final class Ops implements AutoCloseable {
    private final Backend backend;
    private final Workspace workspace;

    /** Operations on {@code backend} with a workspace of their own. */
    public Ops(Backend backend) {
        this.backend = backend;
        this.workspace = new Workspace(backend);
    }

    /** The backend that computes. */
    public Backend backend() {
        return backend;
    }

    /** The memory that results are taken from. */
    public Workspace workspace() {
        return workspace;
    }

    /** Opens a frame: results from now on are released when it closes. */
    public Workspace.Frame frame() {
        return workspace.frame();
    }

    /** An uninitialised tensor of the current frame. */
    public Tensor empty(int... dims) {
        return workspace.allocate(Shape.of(dims));
    }

    /** An uninitialised float32 tensor of the current frame, for results whose small differences decide. */
    public Tensor emptyF32(int... dims) {
        return workspace.allocateF32(Shape.of(dims));
    }

    /** A float32 tensor of the current frame with values from the host. */
    public Tensor tensor(float[] values, int... dims) {
        Tensor tensor = emptyF32(dims);
        check(values.length == tensor.shape().elements(), "tensor", "values", tensor.shape(), values.length);
        backend.upload(values, 0, tensor);
        return tensor;
    }

    /** The values of a tensor on the host, in row-major order. */
    public float[] toHost(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.shape().elements())];
        backend.download(tensor, values, 0);
        return values;
    }

    /** See {@link Backend#downloadLater}. */
    public Pending<float[]> toHostLater(Tensor tensor) {
        return backend.downloadLater(tensor);
    }

    /** See {@link Backend#gemm}; the result has x's shape with the columns of the product. */
    public Tensor gemm(Tensor x, PackedMatrix w, Epilogue epilogue) {
        Tensor result = workspace.allocate(x.shape().withCols(w.out()));
        gemm(x, w, epilogue, result);
        return result;
    }

    /** See {@link Backend#gemm}. */
    public void gemm(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        check(x.cols() == w.in(), "gemm", "columns of x", w.in(), x.shape());
        check(
                destination.rows() == x.rows() && destination.cols() == w.out(),
                "gemm",
                "destination",
                x.shape().withCols(w.out()),
                destination.shape());
        checkEpilogue("gemm", epilogue, destination);
        backend.gemm(x, w, epilogue, destination);
    }

    /** See {@link Backend#mlp}. */
    public void mlp(
            Tensor x,
            PackedMatrix w1,
            Tensor bias1,
            Activation activation,
            PackedMatrix w2,
            Epilogue epilogue2,
            Tensor destination) {
        check(x.cols() == w1.in(), "mlp", "columns of x", w1.in(), x.shape());
        check(w2.in() == w1.out(), "mlp", "inputs of the second layer", w1.out(), w2.in());
        check(
                destination.rows() == x.rows() && destination.cols() == w2.out(),
                "mlp",
                "destination",
                x.shape().withCols(w2.out()),
                destination.shape());
        checkEpilogue("mlp", epilogue2, destination);
        backend.mlp(x, w1, bias1, activation, w2, epilogue2, destination, workspace);
    }

    /** See {@link Backend#attention}. */
    public Tensor attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec) {
        Tensor result = empty(q.dim(0), q.dim(1), v.cols());
        attention(q, k, v, spec, result);
        return result;
    }

    /** See {@link Backend#attention}. */
    public void attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination) {
        String expected = "(B, N, heads*d)";
        check(q.shape().rank() == 3 && q.cols() % spec.heads() == 0, "attention", "queries", expected, q.shape());
        check(
                k.shape().rank() == 3 && k.cols() == q.cols() && (k.dim(0) == 1 || k.dim(0) == q.dim(0)),
                "attention",
                "keys",
                expected + " like queries " + q.shape(),
                k.shape());
        check(
                v.shape().rank() == 3 && v.cols() % spec.heads() == 0 && v.dim(0) == k.dim(0) && v.dim(1) == k.dim(1),
                "attention",
                "values",
                expected + " for keys " + k.shape(),
                v.shape());
        AttentionSpec.Windows windows = spec.windows();
        if (windows != null) {
            int pooled = windows.queryStride() * windows.queryStride();
            int positions = windows.height() * windows.width();
            check(
                    k.dim(1) == positions && q.dim(1) * pooled == positions,
                    "attention",
                    "positions",
                    windows,
                    q.shape() + " queries and " + k.shape() + " keys");
            check(
                    !windows.padded() || (windows.padKey() != null && windows.padValue() != null),
                    "attention",
                    "key and value of padded positions",
                    "present",
                    windows);
        }
        Shape expectedShape = Shape.of(q.dim(0), q.dim(1), v.cols());
        check(
                destination.shape().equals(expectedShape),
                "attention",
                "destination",
                expectedShape,
                destination.shape());
        backend.attention(q, k, v, spec, destination);
    }

    /** See {@link Backend#attendMaps}. */
    public void attendMaps(
            Tensor q,
            Tensor memories,
            Tensor positions,
            int placeless,
            Projection key,
            Tensor rotary,
            Tensor destination) {
        check(q.dim(0) == 1, "attendMaps", "entries of queries", 1, q.shape());
        checkShape("attendMaps", "positions", positions, 1, memories.dim(1), memories.cols());
        checkProjection("attendMaps", "key projection", key, memories.cols(), q.cols());
        check(
                rotary.cols() == q.cols() && q.cols() % 2 == 0,
                "attendMaps",
                "table",
                "the same even columns as " + q.shape(),
                rotary.shape());
        int placed = memories.dim(1) - placeless;
        boolean whole = placeless >= 0 && placed >= 0 && placed % rotary.rows() == 0;
        check(whole, "attendMaps", "memories with a place", "a multiple of " + rotary.rows(), placed);
        checkShape("attendMaps", "destination", destination, 1, q.dim(1), memories.cols());
        backend.attendMaps(q, memories, positions, placeless, key, rotary, destination, workspace);
    }

    /** See {@link Backend#attendImage}. */
    public Tensor attendImage(Tensor q, Tensor x, Tensor positions, Projection key, Projection value, int heads) {
        checkTokens("attendImage", x, positions, q);
        checkProjection("attendImage", "key projection", key, x.cols(), q.cols());
        checkProjection("attendImage", "value projection", value, x.cols(), q.cols());
        check(q.cols() % heads == 0, "attendImage", "columns of queries", "a multiple of " + heads, q.shape());
        Tensor result = workspace.allocate(q.shape());
        backend.attendImage(q, x, positions, key, value, heads, result, workspace);
        return result;
    }

    /** See {@link Backend#attendTokens}. */
    public void attendTokens(
            Tensor x,
            Tensor positions,
            Tensor k,
            Tensor v,
            Projection query,
            Projection output,
            int heads,
            Norm norm,
            Tensor destination) {
        checkTokens("attendTokens", x, positions, k);
        check(v.shape().equals(k.shape()), "attendTokens", "values", k.shape(), v.shape());
        checkProjection("attendTokens", "query projection", query, x.cols(), k.cols());
        checkUpdate(x, k, output, heads, norm, destination);
        backend.attendTokens(x, positions, k, v, query, output, heads, norm, destination, workspace);
    }

    /** See {@link LowRankOps#attendImage}. */
    public Tensor attendImage(Tensor q, LowRankImage x, Projection key, Projection value, int heads) {
        checkTokens("attendImage", x, q);
        checkProjection("attendImage", "key projection", key, x.channels(), q.cols());
        checkProjection("attendImage", "value projection", value, x.channels(), q.cols());
        check(q.cols() % heads == 0, "attendImage", "columns of queries", "a multiple of " + heads, q.shape());
        Tensor result = workspace.allocate(q.shape());
        lowRank().attendImage(q, x, key, value, heads, result);
        return result;
    }

    /** See {@link LowRankOps#attendTokens}. */
    public void attendTokens(
            LowRankImage x, Tensor k, Tensor v, Projection query, Projection output, int heads, Norm norm) {
        checkTokens("attendTokens", x, k);
        check(v.shape().equals(k.shape()), "attendTokens", "values", k.shape(), v.shape());
        checkProjection("attendTokens", "query projection", query, x.channels(), k.cols());
        checkUpdate(x.channels(), k, output, heads, norm);
        lowRank().attendTokens(x, k, v, query, output, heads, norm);
    }

    /** See {@link Backend#attendTokens}; the queries are given. */
    public void attendTokens(
            Tensor x, Tensor q, Tensor k, Tensor v, Projection output, int heads, Norm norm, Tensor destination) {
        checkTokens("attendTokens", x, k);
        check(v.shape().equals(k.shape()), "attendTokens", "values", k.shape(), v.shape());
        checkShape("attendTokens", "queries", q, 1, x.dim(1), k.cols());
        checkUpdate(x, k, output, heads, norm, destination);
        backend.attendTokens(x, q, k, v, output, heads, norm, destination, workspace);
    }

    private static void checkUpdate(Tensor x, Tensor k, Projection output, int heads, Norm norm, Tensor destination) {
        checkUpdate(x.cols(), k, output, heads, norm);
        checkShape("attendTokens", "destination", destination, k.dim(0), x.dim(1), x.cols());
    }

    private static void checkUpdate(int channels, Tensor k, Projection output, int heads, Norm norm) {
        checkProjection("attendTokens", "output projection", output, k.cols(), channels);
        check(k.cols() % heads == 0, "attendTokens", "columns of keys", "a multiple of " + heads, k.shape());
        checkVector("attendTokens", "gamma", norm.gamma(), channels);
        checkVector("attendTokens", "beta", norm.beta(), channels);
    }

    /** See {@link Backend#drawMasks}. */
    public void drawMasks(
            Tensor image, MaskUpscaling layers, Tensor highRes0, Tensor highRes1, Tensor filters, Tensor destination) {
        checkImage("drawMasks", image);
        checkUpscaling(layers, image.cols(), image.dim(1), image.dim(2), highRes0, highRes1);
        checkMasks(image.dim(0), layers, highRes0, filters, destination);
        backend.drawMasks(image, layers, highRes0, highRes1, filters, destination, workspace);
    }

    /** See {@link LowRankOps#drawMasks}. */
    public void drawMasks(
            LowRankImage image,
            MaskUpscaling layers,
            Tensor highRes0,
            Tensor highRes1,
            Tensor filters,
            Tensor destination) {
        checkImage("drawMasks", highRes1);
        int height = highRes1.dim(1) / 2;
        int width = highRes1.dim(2) / 2;
        check(height * width == image.positions(), "drawMasks", "positions", height * width, image.positions());
        checkUpscaling(layers, image.channels(), height, width, highRes0, highRes1);
        checkMasks(image.batch(), layers, highRes0, filters, destination);
        lowRank().drawMasks(image, layers, highRes0, highRes1, filters, destination);
    }

    private static void checkUpscaling(
            MaskUpscaling layers, int channels, int height, int width, Tensor highRes0, Tensor highRes1) {
        int c1 = layers.channels1();
        int c2 = layers.channels2();
        check(
                layers.up1().in() == channels,
                "drawMasks",
                "channels of the image",
                layers.up1().in(),
                channels);
        check(
                layers.up2().in() == c1,
                "drawMasks",
                "inputs of the second layer",
                c1,
                layers.up2().in());
        checkVector("drawMasks", "first bias", layers.up1().bias(), c1);
        checkVector("drawMasks", "second bias", layers.up2().bias(), c2);
        checkVector("drawMasks", "gamma", layers.norm().gamma(), c1);
        checkVector("drawMasks", "beta", layers.norm().beta(), c1);
        checkShape("drawMasks", "features of twice the size", highRes1, 1, 2 * height, 2 * width, c1);
        checkShape("drawMasks", "features of four times the size", highRes0, 1, 4 * height, 4 * width, c2);
    }

    private static void checkMasks(
            int batch, MaskUpscaling layers, Tensor highRes0, Tensor filters, Tensor destination) {
        check(filters.shape().rank() == 3, "drawMasks", "filters", "(B, M, C)", filters.shape());
        checkShape("drawMasks", "filters", filters, batch, filters.dim(1), layers.channels2());
        int pixels = highRes0.dim(1) * highRes0.dim(2);
        checkShape("drawMasks", "destination", destination, batch, filters.dim(1), pixels);
    }

    private LowRankOps lowRank() {
        return backend.lowRank().orElseThrow();
    }

    /** See {@link Backend#layerNorm}. */
    public Tensor layerNorm(Tensor x, Tensor gamma, Tensor beta, float eps) {
        Tensor result = workspace.allocate(x.shape());
        layerNorm(x, gamma, beta, eps, Activation.NONE, result);
        return result;
    }

    /** See {@link Backend#layerNorm}. */
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float eps, Activation activation, Tensor destination) {
        checkVector("layerNorm", "gamma", gamma, x.cols());
        checkVector("layerNorm", "beta", beta, x.cols());
        checkSame("layerNorm", x, destination);
        backend.layerNorm(x, gamma, beta, eps, activation, destination);
    }

    /** See {@link Backend#conv2d}. */
    public Tensor conv2d(Tensor x, PackedMatrix w, Conv2dSpec spec, Epilogue epilogue) {
        checkImage("conv2d", x);
        Tensor result = empty(x.dim(0), spec.outputSize(x.dim(1)), spec.outputSize(x.dim(2)), w.out());
        conv2d(x, w, spec, epilogue, result);
        return result;
    }

    /** See {@link Backend#conv2d}. */
    public void conv2d(Tensor x, PackedMatrix w, Conv2dSpec spec, Epilogue epilogue, Tensor destination) {
        checkImage("conv2d", x);
        check(
                w.in() == spec.kernel() * spec.kernel() * x.dim(3),
                "conv2d",
                "channels of x for " + w.in() + " weights a filter",
                w.in() / (spec.kernel() * spec.kernel()),
                x.shape());
        int height = spec.outputSize(x.dim(1));
        checkShape("conv2d", "destination", destination, x.dim(0), height, spec.outputSize(x.dim(2)), w.out());
        checkEpilogue("conv2d", epilogue, destination);
        backend.conv2d(x, w, spec, epilogue, destination);
    }

    /** See {@link Backend#depthwiseConv2d}. */
    public Tensor depthwiseConv2d(Tensor x, Tensor weight, Tensor bias, Conv2dSpec spec) {
        checkImage("depthwiseConv2d", x);
        Shape expected = Shape.of(spec.kernel(), spec.kernel(), x.dim(3));
        check(weight.shape().equals(expected), "depthwiseConv2d", "weight", expected, weight.shape());
        checkVector("depthwiseConv2d", "bias", bias, x.cols());
        Tensor result = empty(x.dim(0), spec.outputSize(x.dim(1)), spec.outputSize(x.dim(2)), x.dim(3));
        backend.depthwiseConv2d(x, weight, bias, spec, result);
        return result;
    }

    /** See {@link Backend#maxPool2d}. */
    public Tensor maxPool2d(Tensor x) {
        checkImage("maxPool2d", x);
        check(x.dim(1) % 2 == 0 && x.dim(2) % 2 == 0, "maxPool2d", "height and width", "even", x.shape());
        Tensor result = empty(x.dim(0), x.dim(1) / 2, x.dim(2) / 2, x.dim(3));
        backend.maxPool2d(x, result);
        return result;
    }

    /** {@link Backend#maxPool2d} into a tensor that is there already. */
    public void maxPool2d(Tensor x, Tensor destination) {
        checkImage("maxPool2d", x);
        Shape expected = Shape.of(x.dim(0), x.dim(1) / 2, x.dim(2) / 2, x.dim(3));
        check(x.dim(1) % 2 == 0 && x.dim(2) % 2 == 0, "maxPool2d", "height and width", "even", x.shape());
        check(destination.shape().equals(expected), "maxPool2d", "destination", expected, destination.shape());
        backend.maxPool2d(x, destination);
    }

    /** See {@link Backend#interpolate}. */
    public Tensor interpolate(Tensor x, Interpolation filter, int height, int width) {
        checkImage("interpolate", x);
        Shape shape = Shape.of(x.dim(0), height, width, x.dim(3));
        Tensor result = x.dtype() == DType.F32 ? workspace.allocateF32(shape) : workspace.allocate(shape);
        backend.interpolate(x, filter, result);
        return result;
    }

    /** {@code a + b}, b repeated along the rows of a. */
    public Tensor add(Tensor a, Tensor b) {
        Tensor result = workspace.allocate(a.shape());
        add(a, 1, b, 1, result);
        return result;
    }

    /** See {@link Backend#add}. */
    public void add(Tensor a, float alpha, Tensor b, float beta, Tensor destination) {
        check(
                b.cols() == a.cols() && a.rows() % b.rows() == 0,
                "add",
                "second operand",
                "rows that divide those of " + a.shape() + " and the same columns",
                b.shape());
        checkSame("add", a, destination);
        backend.add(a, alpha, b, beta, destination);
    }

    /** See {@link Backend#unary}. */
    public void unary(Tensor x, float scale, float shift, Activation activation, Tensor destination) {
        checkSame("unary", x, destination);
        backend.unary(x, scale, shift, activation, destination);
    }

    /** See {@link Backend#rotary}. */
    public void rotary(Tensor x, Tensor table, Tensor destination) {
        check(
                x.shape().rank() == 3 && table.cols() == x.cols() && x.cols() % 2 == 0 && x.dim(1) % table.rows() == 0,
                "rotary",
                "table",
                "rows that divide the tokens of " + x.shape() + " and the same even columns",
                table.shape());
        checkSame("rotary", x, destination);
        backend.rotary(x, table, destination);
    }

    /** See {@link Backend#copy}. */
    public void copy(Tensor source, Tensor destination) {
        check(
                source.cols() == destination.cols() && destination.rows() % source.rows() == 0,
                "copy",
                "source",
                "rows that divide those of " + destination.shape() + " and the same columns",
                source.shape());
        backend.copy(source, destination);
    }

    /** x once for each of {@code batch} entries: (1, ...) to (batch, ...). */
    public Tensor repeat(Tensor x, int batch) {
        check(x.dim(0) == 1, "repeat", "first dimension", 1, x.shape());
        int[] dims = x.shape().toArray();
        dims[0] = batch;
        Tensor result = empty(dims);
        backend.copy(x, result);
        return result;
    }

    /** Tensors (B, Ni, C) joined along the second axis, (B, sum of Ni, C); parts with B = 1 are repeated. */
    public Tensor concatTokens(Tensor... parts) {
        int batch = Arrays.stream(parts).mapToInt(part -> part.dim(0)).max().orElseThrow();
        int tokens = Arrays.stream(parts).mapToInt(part -> part.dim(1)).sum();
        int channels = parts[0].cols();
        Tensor result = empty(batch, tokens, channels);
        for (int entry = 0; entry < batch; entry++) {
            Tensor row = result.slice(entry, entry + 1).reshape(tokens, channels);
            int from = 0;
            for (Tensor part : parts) {
                check(
                        part.cols() == channels && (part.dim(0) == 1 || part.dim(0) == batch),
                        "concatTokens",
                        "part",
                        "(" + batch + " or 1, N, " + channels + ")",
                        part.shape());
                int own = part.dim(0) == 1 ? 0 : entry;
                int count = part.dim(1);
                backend.copy(part.slice(own, own + 1).reshape(count, channels), row.slice(from, from + count));
                from += count;
            }
        }
        return result;
    }

    /** See {@link Backend#pick}. */
    public void pick(Tensor x, Tensor scores, int first, int offset, Tensor destination) {
        check(x.shape().rank() == 3, "pick", "rows", "(B, R, N)", x.shape());
        check(scores.rows() == x.dim(0), "pick", "rows of scores", x.dim(0), scores.shape());
        check(first >= 0 && first < scores.cols(), "pick", "first", "0 to " + (scores.cols() - 1), first);
        check(
                offset >= 0 && offset + scores.cols() <= x.dim(1),
                "pick",
                "offset",
                scores.cols() + " rows from there on of " + x.shape(),
                offset);
        check(
                destination.rows() == x.dim(0) && destination.cols() == x.cols(),
                "pick",
                "destination",
                Shape.of(x.dim(0), x.cols()),
                destination.shape());
        backend.pick(x, scores, first, offset, destination);
    }

    /** See {@link Backend#where}. */
    public void where(Tensor scores, Tensor a, Tensor b, Tensor destination) {
        check(
                scores.cols() == 1 && a.rows() % scores.rows() == 0,
                "where",
                "scores",
                "(B, 1) for B entries of " + a.shape(),
                scores.shape());
        int perEntry = a.rows() / scores.rows();
        check(
                b.cols() == a.cols() && (b.rows() == a.rows() || perEntry % b.rows() == 0),
                "where",
                "second operand",
                "rows like or dividing " + perEntry + ", and the columns of " + a.shape(),
                b.shape());
        checkSame("where", a, destination);
        backend.where(scores, a, b, destination);
    }

    /** See {@link Backend#roundToBf16}. */
    public void roundToBf16(Tensor x, Tensor destination) {
        checkSame("roundToBf16", x, destination);
        backend.roundToBf16(x, destination);
    }

    /** See {@link Backend#imageToTensor}. */
    public Tensor imageToTensor(
            byte[] rgb, int height, int width, ResizeFilter filter, float[] mean, float[] std, int size) {
        check(rgb.length == 3L * height * width, "imageToTensor", "bytes", 3L * height * width, rgb.length);
        Tensor result = empty(1, size, size, 3);
        backend.imageToTensor(rgb, height, width, filter, mean, std, result);
        return result;
    }

    /** See {@link Backend#thresholdMask}; logits (H, W). */
    public long[] thresholdMask(Tensor logits, int height, int width, float threshold) {
        check(logits.shape().rank() == 2, "thresholdMask", "logits", "(H, W)", logits.shape());
        long[] bits = new long[Math.toIntExact(((long) height * width + 63) / 64)];
        backend.thresholdMask(logits, height, width, threshold, bits, 0);
        return bits;
    }

    /** See {@link Backend#thresholdMaskLater}; logits (H, W). */
    public Pending<long[]> thresholdMaskLater(Tensor logits, int height, int width, float threshold) {
        check(logits.shape().rank() == 2, "thresholdMask", "logits", "(H, W)", logits.shape());
        return backend.thresholdMaskLater(logits, height, width, threshold);
    }

    /** See {@link Backend#maskStatistics}; logits (H, W), bits from word 0 on. */
    public MaskCounts maskStatistics(
            Tensor logits, int height, int width, float low, float middle, float high, long[] bits) {
        check(logits.shape().rank() == 2, "maskStatistics", "logits", "(H, W)", logits.shape());
        check(
                low <= middle && middle <= high,
                "maskStatistics",
                "thresholds",
                "ascending",
                low + ", " + middle + ", " + high);
        long words = ((long) height * width + 63) / 64;
        check(bits.length >= words, "maskStatistics", "words for bits", words, bits.length);
        return backend.maskStatistics(logits, height, width, low, middle, high, bits, 0);
    }

    /** See {@link Backend#fillHoles}. */
    public void fillHoles(Tensor logits, int maxArea, float value) {
        check(logits.shape().rank() == 3, "fillHoles", "logits", "(B, H, W)", logits.shape());
        check(logits.dtype() == DType.F32, "fillHoles", "logits", DType.F32, logits.dtype());
        check(logits.isContiguous(), "fillHoles", "row stride", logits.cols(), logits.rowStride());
        check(maxArea >= 0, "fillHoles", "area", "0 or more", maxArea);
        backend.fillHoles(logits, maxArea, value);
    }

    /**
     * Runs a section of a model that the backend may record and repeat, see {@link Backend#capture}; all memory the
     * body takes is released when it ends.
     *
     * @param section whose operations these are
     * @param operands every tensor of outside the body that it reads or writes, weights excepted
     */
    public void capture(Section section, Runnable body, Tensor... operands) {
        backend.capture(section, workspace, List.of(operands), () -> {
            try (Workspace.Frame frame = workspace.frame()) {
                body.run();
            }
        });
    }

    /** Frees the workspace. */
    @Override
    public void close() {
        workspace.close();
    }

    private static void checkEpilogue(String op, Epilogue epilogue, Tensor destination) {
        if (epilogue.bias() != null) {
            checkVector(op, "bias", epilogue.bias(), destination.cols());
        }
        if (epilogue.scale() != null) {
            checkVector(op, "scale", epilogue.scale(), destination.cols());
        }
        Tensor residual = epilogue.residual();
        check(
                residual == null
                        || (residual.cols() == destination.cols() && destination.rows() % residual.rows() == 0),
                op,
                "residual",
                "rows that divide those of " + destination.shape() + " and the same columns",
                residual);
    }

    /** Checks an image (B or 1, N, C) with positions (1, N, C) against tokens (B, T, I). */
    private static void checkTokens(String op, Tensor x, Tensor positions, Tensor tokens) {
        checkTokens(op, x, tokens);
        checkShape(op, "positions", positions, 1, x.dim(1), x.cols());
    }

    private static void checkTokens(String op, LowRankImage x, Tensor tokens) {
        check(
                tokens.shape().rank() == 3 && tokens.dim(0) == x.batch(),
                op,
                "tokens",
                "(" + x.batch() + ", T, C)",
                tokens.shape());
    }

    private static void checkTokens(String op, Tensor x, Tensor tokens) {
        check(tokens.shape().rank() == 3, op, "tokens", "(B, T, C)", tokens.shape());
        check(
                x.shape().rank() == 3 && (x.dim(0) == 1 || x.dim(0) == tokens.dim(0)),
                op,
                "image",
                "(" + tokens.dim(0) + " or 1, N, C)",
                x.shape());
    }

    private static void checkProjection(String op, String what, Projection projection, int in, int out) {
        check(
                projection.in() == in && projection.out() == out,
                op,
                what,
                "(" + out + ", " + in + ")",
                "(" + projection.out() + ", " + projection.in() + ")");
        checkVector(op, "bias of the " + what, projection.bias(), out);
    }

    private static void checkShape(String op, String what, Tensor tensor, int... dims) {
        check(tensor.shape().equals(Shape.of(dims)), op, what, Shape.of(dims), tensor.shape());
    }

    private static void checkVector(String op, String what, Tensor vector, int elements) {
        check(vector.shape().elements() == elements, op, what, elements + " elements", vector.shape());
    }

    private static void checkSame(String op, Tensor x, Tensor destination) {
        check(
                destination.rows() == x.rows() && destination.cols() == x.cols(),
                op,
                "destination",
                x.shape(),
                destination.shape());
    }

    private static void checkImage(String op, Tensor x) {
        check(x.shape().rank() == 4, op, "input", "(B, H, W, C)", x.shape());
    }

    private static void check(boolean condition, String op, String what, Object expected, Object got) {
        if (!condition) {
            throw new IllegalArgumentException(op + ": " + what + ", expected " + expected + ", got " + got);
        }
    }
}
