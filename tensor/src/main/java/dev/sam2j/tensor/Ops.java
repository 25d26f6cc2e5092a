package dev.sam2j.tensor;

import static dev.sam2j.tensor.Checks.check;
import static dev.sam2j.tensor.Checks.checkEpilogue;
import static dev.sam2j.tensor.Checks.checkImage;
import static dev.sam2j.tensor.Checks.checkRepeats;
import static dev.sam2j.tensor.Checks.checkRows;
import static dev.sam2j.tensor.Checks.checkSame;
import static dev.sam2j.tensor.Checks.checkShape;
import static dev.sam2j.tensor.Checks.checkVector;

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

    /** Computes a fused operation in the form that the backend has, or step by step. */
    public void run(FusedOp op) {
        if (!backend.run(op)) {
            op.unfused(this);
        }
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
        checkRows("gemm", x, w.out(), destination);
        checkEpilogue("gemm", epilogue, destination);
        backend.gemm(x, w, epilogue, destination);
    }

    /** See {@link Backend#matmul}. */
    public void matmul(Tensor a, Tensor b, Tensor destination) {
        check(
                b.shape().rank() == 3 && b.cols() == a.cols() && (b.dim(0) == 1 || b.dim(0) == a.dim(0)),
                "matmul",
                "second factor",
                "(B or 1, N, K) for " + a.shape(),
                b.shape());
        checkShape("matmul", "destination", destination, a.dim(0), a.dim(1), b.dim(1));
        backend.matmul(a, b, destination);
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
        checkShape("attention", "destination", destination, q.dim(0), q.dim(1), v.cols());
        backend.attention(q, k, v, spec, destination);
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
        checkShape("depthwiseConv2d", "weight", weight, spec.kernel(), spec.kernel(), x.dim(3));
        checkVector("depthwiseConv2d", "bias", bias, x.cols());
        Tensor result = empty(x.dim(0), spec.outputSize(x.dim(1)), spec.outputSize(x.dim(2)), x.dim(3));
        backend.depthwiseConv2d(x, weight, bias, spec, result);
        return result;
    }

    /** See {@link Backend#convTranspose2d}. */
    public Tensor convTranspose2d(Tensor x, PackedMatrix w, Epilogue epilogue) {
        checkImage("convTranspose2d", x);
        check(x.cols() == w.in(), "convTranspose2d", "columns of x", w.in(), x.shape());
        Tensor result = empty(x.dim(0), 2 * x.dim(1), 2 * x.dim(2), w.out() / 4);
        checkEpilogue("convTranspose2d", epilogue, result);
        backend.convTranspose2d(x, w, epilogue, result);
        return result;
    }

    /** See {@link Backend#maxPool2d}. */
    public Tensor maxPool2d(Tensor x) {
        checkImage("maxPool2d", x);
        Tensor result = empty(x.dim(0), x.dim(1) / 2, x.dim(2) / 2, x.dim(3));
        maxPool2d(x, result);
        return result;
    }

    /** {@link Backend#maxPool2d} into a tensor that is there already. */
    public void maxPool2d(Tensor x, Tensor destination) {
        checkImage("maxPool2d", x);
        check(x.dim(1) % 2 == 0 && x.dim(2) % 2 == 0, "maxPool2d", "height and width", "even", x.shape());
        checkShape("maxPool2d", "destination", destination, x.dim(0), x.dim(1) / 2, x.dim(2) / 2, x.dim(3));
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
        checkRepeats("add", "second operand", b, a);
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
        checkRepeats("copy", "source", source, destination);
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
    public Pending<MaskBits> thresholdMask(Tensor logits, int height, int width, float threshold) {
        return thresholdMask(logits, height, width, threshold, threshold, threshold);
    }

    /** See {@link Backend#thresholdMask}; logits (H, W). */
    public Pending<MaskBits> thresholdMask(
            Tensor logits, int height, int width, float low, float threshold, float high) {
        check(logits.shape().rank() == 2, "thresholdMask", "logits", "(H, W)", logits.shape());
        check(
                low <= threshold && threshold <= high,
                "thresholdMask",
                "thresholds",
                "ascending",
                low + ", " + threshold + ", " + high);
        return backend.thresholdMask(logits, height, width, low, threshold, high);
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
}
