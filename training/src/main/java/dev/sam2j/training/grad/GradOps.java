package dev.sam2j.training.grad;

import static dev.sam2j.tensor.Checks.check;
import static dev.sam2j.tensor.Checks.checkVector;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.TrainingBackend;
import dev.sam2j.tensor.training.TrainingOps;
import java.util.List;

/**
 * The operations that layers are trained with, on a tape: as in {@code Ops}, but none of them overwrites an input, and
 * each knows its adjoint. Gradients that nobody needs are not computed.
 */
public final class GradOps {
    private static final Var NO_BIAS = new Var(null, null);

    private final Tape tape;
    private final TrainingBackend backend;
    private final TrainingOps training;

    /** Operations that {@code tape} records. */
    public GradOps(Tape tape) {
        this.tape = tape;
        this.backend = tape.backend();
        this.training = backend.training();
    }

    /** The tape that records. */
    public Tape tape() {
        return tape;
    }

    /** {@code x Wᵀ + bias} on the last axis. */
    public Var linear(Var x, Weight weight, Var bias) {
        return linear(x, weight, bias, null);
    }

    /** {@code residual + x Wᵀ + bias}, where the residual's rows divide the result's and repeat; it may be null. */
    public Var linear(Var x, Weight weight, Var bias, Var residual) {
        Var w = weight.var();
        check(
                x.value().cols() == w.dim(1),
                "linear",
                "columns of x",
                w.dim(1),
                x.value().shape());
        checkVector("linear", "bias", bias.value(), w.dim(0));
        Tensor y = tape.allocate(x.value().shape().withCols(w.dim(0)));
        Epilogue epilogue = Epilogue.bias(bias.value());
        backend.gemm(x.value(), weight.packed(), residual == null ? epilogue : epilogue.plus(residual.value()), y);
        List<Var> inputs = residual == null ? List.of(x, w, bias) : List.of(x, w, bias, residual);
        return tape.record(y, inputs, result -> () -> {
            Tensor dY = result.gradient();
            if (residual != null) {
                addRepeats(dY, residual);
            }
            linearBackward(dY, x, weight, bias);
        });
    }

    private void linearBackward(Tensor dY, Var x, Weight weight, Var bias) {
        if (x.needsGradient()) {
            Tensor room = x.unwrittenGradient();
            Tensor dX = room == null ? x.gradient() : room;
            backend.gemm(dY, weight.packedTransposed(), room == null ? Epilogue.NONE.plus(dX) : Epilogue.NONE, dX);
        }
        if (weight.var().needsGradient()) {
            training.outer(dY, x.value(), weight.var().gradient());
        }
        if (bias.needsGradient()) {
            training.columnSums(dY, bias.gradient());
        }
    }

    /** Adds to the gradient of x, whose rows repeat in dY. */
    private void addRepeats(Tensor dY, Var x) {
        if (!x.needsGradient()) {
            return;
        }
        if (x.value().rows() == dY.rows()) {
            tape.accumulate(x, dY);
        } else {
            training.sumRepeats(dY, x.gradient());
        }
    }

    /** {@code function(x)}. */
    public Var activation(Activation function, Var x) {
        Tensor y = tape.allocate(x.value().shape());
        backend.unary(x.value(), 1, 0, function, y);
        Tensor saved = function == Activation.GELU ? x.value() : y;
        return tape.record(
                y,
                List.of(x),
                result -> () -> training.activationBackward(function, saved, result.gradient(), x.gradient()));
    }

    /** The layer norm of x over its last axis. */
    public Var layerNorm(Var x, Var gamma, Var beta, float eps) {
        checkVector("layerNorm", "gamma", gamma.value(), x.value().cols());
        checkVector("layerNorm", "beta", beta.value(), x.value().cols());
        Tensor y = tape.allocate(x.value().shape());
        backend.layerNorm(x.value(), gamma.value(), beta.value(), eps, Activation.NONE, y);
        return tape.record(y, List.of(x, gamma, beta), result -> () -> {
            boolean affine = gamma.needsGradient() || beta.needsGradient();
            training.layerNormBackward(
                    x.value(),
                    gamma.value(),
                    eps,
                    result.gradient(),
                    x.needsGradient() ? x.gradient() : null,
                    affine ? gradientOrScratch(gamma) : null,
                    affine ? gradientOrScratch(beta) : null);
        });
    }

    /** Where a gradient is added: for one that nobody needs but that comes with another, memory that is forgotten. */
    private Tensor gradientOrScratch(Var x) {
        if (x.needsGradient()) {
            return x.gradient();
        }
        Tensor scratch = tape.allocate(x.value().shape());
        training.fill(scratch, 0);
        return scratch;
    }

    /** Attention of q (B, Nq, heads*d) to k and v (B or 1, Nk, heads*d), scaled by the square root of d. */
    public Var attention(Var q, Var k, Var v, int heads) {
        check(q.dim(-1) % heads == 0, "attention", "columns of queries", "a multiple of " + heads, q.dim(-1));
        check(
                k.dim(-1) == q.dim(-1),
                "attention",
                "columns of keys",
                q.dim(-1),
                k.value().shape());
        check(
                v.dim(0) == k.dim(0) && v.dim(1) == k.dim(1),
                "attention",
                "values",
                k.value().shape(),
                v.value());
        check(k.dim(0) == 1 || k.dim(0) == q.dim(0), "attention", "batch of keys", "1 or " + q.dim(0), k.dim(0));
        AttentionSpec spec = AttentionSpec.global(heads, q.dim(-1));
        Tensor y = tape.allocate(q.dim(0), q.dim(1), v.dim(-1));
        Tensor logSumExp = tape.allocate(q.dim(0), q.dim(1), heads);
        training.attention(q.value(), k.value(), v.value(), spec, y, logSumExp);
        return tape.record(
                y,
                List.of(q, k, v),
                result -> () -> training.attentionBackward(
                        q.value(),
                        k.value(),
                        v.value(),
                        spec,
                        y,
                        logSumExp,
                        result.gradient(),
                        q.needsGradient() ? q.gradient() : null,
                        k.needsGradient() ? k.gradient() : null,
                        v.needsGradient() ? v.gradient() : null));
    }

    /** {@code a + b}, where b's rows divide a's and repeat. */
    public Var add(Var a, Var b) {
        check(
                b.value().cols() == a.value().cols()
                        && a.value().rows() % b.value().rows() == 0,
                "add",
                "second operand",
                "rows that divide those of " + a.value().shape(),
                b.value().shape());
        Tensor y = tape.allocate(a.value().shape());
        backend.add(a.value(), 1, b.value(), 1, y);
        return tape.record(y, List.of(a, b), result -> () -> {
            addRepeats(result.gradient(), a);
            addRepeats(result.gradient(), b);
        });
    }

    /** x (1, ...) once for each of {@code batch} entries; anything once is itself. */
    public Var repeat(Var x, int batch) {
        if (batch == 1) {
            return x;
        }
        check(x.dim(0) == 1, "repeat", "first dimension", 1, x.value().shape());
        int[] dims = x.value().shape().toArray();
        dims[0] = batch;
        Tensor y = tape.allocate(dims);
        backend.copy(x.value(), y);
        return tape.record(y, List.of(x), result -> () -> addRepeats(result.gradient(), x));
    }

    /**
     * A transposed convolution with a 2x2 kernel and stride 2, to which {@code skip} is added: x (B, H, W, C), weight
     * (2*2*O, C), bias (O), skip (B or 1, 2H, 2W, O).
     */
    public Var convTranspose2d(Var x, Weight weight, Var bias, Var skip) {
        int out = weight.var().dim(0) / 4;
        check(
                x.dim(3) == weight.var().dim(1),
                "convTranspose2d",
                "channels",
                weight.var().dim(1),
                x.dim(3));
        Tensor y = tape.allocate(x.dim(0), 2 * x.dim(1), 2 * x.dim(2), out);
        backend.convTranspose2d(
                x.value(), weight.packed(), Epilogue.bias(bias.value()).plus(skip.value()), y);
        return tape.record(y, List.of(x, weight.var(), bias, skip), result -> () -> {
            Tensor dY = result.gradient();
            addRepeats(dY, skip);
            if (bias.needsGradient()) {
                training.columnSums(dY, bias.gradient());
            }
            Tensor rows = tape.allocate(x.dim(0), x.dim(1), x.dim(2), 4 * out);
            training.pixelUnshuffle(dY, rows);
            linearBackward(rows, x, weight, NO_BIAS);
        });
    }

    /** Pixels of 2x2 cells as channels: x (B, 2H, 2W, C) to (B, H, W, 4C); then a convolution is a linear layer. */
    public Var pixelUnshuffle(Var x) {
        Tensor y = tape.allocate(x.dim(0), x.dim(1) / 2, x.dim(2) / 2, 4 * x.dim(3));
        training.pixelUnshuffle(x.value(), y);
        return tape.record(y, List.of(x), result -> () -> {
            Tensor dX = tape.allocate(x.value().shape());
            training.pixelShuffle(result.gradient(), dX);
            tape.accumulate(x, dX);
        });
    }

    /** {@code a bᵀ} for each batch entry: a (B, M, K), b (B, N, K), result (B, M, N). */
    public Var matmul(Var a, Var b) {
        check(b.dim(0) == a.dim(0) && b.dim(2) == a.dim(2), "matmul", "second factor", a.value(), b.value());
        Tensor y = tape.allocate(a.dim(0), a.dim(1), b.dim(1));
        backend.matmul(a.value(), b.value(), y);
        return tape.record(y, List.of(a, b), result -> () -> {
            for (int entry = 0; entry < a.dim(0); entry++) {
                Tensor dY = entry(result.gradient(), entry);
                if (a.needsGradient()) {
                    training.multiply(dY, entry(b.value(), entry), entry(a.gradient(), entry));
                }
                if (b.needsGradient()) {
                    training.outer(dY, entry(a.value(), entry), entry(b.gradient(), entry));
                }
            }
        });
    }

    private static Tensor entry(Tensor x, int index) {
        return x.slice(index, index + 1).reshape(x.dim(1), x.dim(2));
    }

    /**
     * Rows of a tensor.
     *
     * @param source (..., C), whose rows are counted over all its other axes
     * @param from the first
     * @param count how many
     */
    public record Rows(Var source, int from, int count) {
        private Tensor of(Tensor tensor) {
            return tensor.reshape(tensor.rows(), tensor.cols()).slice(from, from + count);
        }
    }

    /** Rows of several tensors one below the other, as a tensor of these dimensions. */
    public Var gather(List<Rows> parts, int... dims) {
        Tensor y = tape.allocate(dims);
        Tensor rows = y.reshape(y.rows(), y.cols());
        int to = 0;
        for (Rows part : parts) {
            check(
                    part.source.dim(-1) == y.cols(),
                    "gather",
                    "columns",
                    y.cols(),
                    part.source.value().shape());
            backend.copy(part.of(part.source.value()), rows.slice(to, to + part.count));
            to += part.count;
        }
        check(to == y.rows(), "gather", "rows", y.rows(), to);
        return tape.record(y, parts.stream().map(Rows::source).toList(), result -> () -> {
            Tensor dY = result.gradient().reshape(y.rows(), y.cols());
            int from = 0;
            for (Rows part : parts) {
                if (part.source.needsGradient()) {
                    Tensor sum = part.of(part.source.gradient());
                    backend.add(sum, 1, dY.slice(from, from + part.count), 1, sum);
                }
                from += part.count;
            }
        });
    }

    /** Entries of x (B, ...) where {@code keep} says so, otherwise a constant. */
    public Var where(boolean[] keep, Var x, float otherwise) {
        check(keep.length == x.dim(0), "where", "choices", x.dim(0), keep.length);
        Tensor y = tape.allocate(x.value().shape());
        backend.copy(x.value(), y);
        for (int entry = 0; entry < keep.length; entry++) {
            if (!keep[entry]) {
                training.fill(y.slice(entry, entry + 1), otherwise);
            }
        }
        return tape.record(y, List.of(x), result -> () -> {
            Tensor dX = x.gradient();
            for (int entry = 0; entry < keep.length; entry++) {
                if (keep[entry]) {
                    Tensor sum = dX.slice(entry, entry + 1);
                    backend.add(sum, 1, result.gradient().slice(entry, entry + 1), 1, sum);
                }
            }
        });
    }
}
