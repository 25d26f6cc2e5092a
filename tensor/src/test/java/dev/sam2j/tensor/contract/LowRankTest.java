package dev.sam2j.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.LowRankImage;
import dev.sam2j.tensor.LowRankOps;
import dev.sam2j.tensor.MaskUpscaling;
import dev.sam2j.tensor.Norm;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Projection;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.reference.ReferenceBackend;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Two layers of a mask decoder and its drawing on an image that prompts share: each step against dense images. */
class LowRankTest extends BackendContract {
    @Test
    void wholePanelsAndTiles() {
        check(1, 8, 8, 8, 64, 32, 8, 0);
        check(3, 8, 16, 8, 256, 128, 8, 0);
    }

    @Test
    void partsOfPanelsAndTiles() {
        check(2, 5, 9, 7, 256, 128, 8, 5);
        check(1, 3, 3, 1, 64, 32, 8, 0);
        check(2, 7, 11, 9, 72, 16, 4, 3);
    }

    /** The last tokens of a head fill a large tile, a small one, or neither. */
    @Test
    void anyNumberOfTokens() {
        for (int tokens : new int[] {4, 10, 12, 13, 16}) {
            check(1, 5, 9, tokens, 256, 128, 8, 0);
        }
    }

    @Test
    void manyPositions() {
        check(2, 35, 37, 3, 32, 16, 2, 0);
    }

    @Test
    void fewHeads() {
        check(2, 4, 5, 5, 32, 4, 1, 0);
    }

    @Test
    void takesTheTokensItWasMadeFor() {
        Inputs in = new Inputs(1, 4, 4, 8, 64, 32, 8, 0);
        Operand more = input(1, 9, 32);
        LowRankOps lowRank = backend().lowRank().orElse(null);
        Assumptions.assumeTrue(lowRank != null, "dense only");
        try (Ops ops = new Ops(backend())) {
            LowRankOps.Shared shared = lowRank.share(in.image.on(backend()), in.positions.on(backend()));
            LowRankImage x = lowRank.begin(shared, 1, 8, 8, ops.workspace());
            Projection query = in.queries[0].on(backend());
            Projection output = in.outputs[0].on(backend());
            Norm norm = in.norm(backend(), 0);
            Tensor eight = in.k[0].on(backend());
            ops.attendTokens(x, eight, eight, query, output, 8, norm);
            Tensor nine = more.on(backend());
            assertThrows(IllegalArgumentException.class, () -> ops.attendTokens(x, nine, nine, query, output, 8, norm));
            ops.attendTokens(x, eight, eight, query, output, 8, norm);
            assertThrows(
                    IllegalArgumentException.class, () -> ops.attendTokens(x, eight, eight, query, output, 8, norm));
        }
    }

    private void check(int batch, int height, int width, int tokens, int channels, int inner, int heads, int gap) {
        Inputs in = new Inputs(batch, height, width, tokens, channels, inner, heads, gap);
        Operand[] outs = new Operand[5];
        for (int i = 0; i < 3; i++) {
            outs[i] = output(gap, batch, tokens, inner);
        }
        outs[3] = output(gap, batch, 3, 16 * height * width);
        outs[4] = output(gap, 1, 3, 16 * height * width);
        run(b -> {
            try (Ops own = new Ops(b)) {
                Optional<LowRankOps> ops = b.lowRank();
                if (ops.isPresent()) {
                    in.lowRank(b, ops.get(), outs, own);
                } else {
                    Assumptions.assumeTrue(b instanceof ReferenceBackend, "dense only");
                    in.dense(b, outs, own.workspace());
                }
            }
        });
        // Values are of order sqrt(channels), scores and so weights are off by a few 1e-6: the dense form is no better.
        for (Operand out : outs) {
            assertClose(out, 1e-5 * Math.sqrt(channels), 1e-6);
        }
    }

    private final class Inputs {
        final int batch;
        final int height;
        final int width;
        final int tokens;
        final int channels;
        final int inner;
        final int heads;
        final Operand image;
        final Operand positions;
        final Operand[] q = new Operand[3];
        final Operand[] k = new Operand[2];
        final Operand[] v = new Operand[2];
        final Layer[] keys = new Layer[3];
        final Layer[] values = new Layer[3];
        final Layer[] queries = new Layer[2];
        final Layer[] outputs = new Layer[2];
        final Operand[] gamma = new Operand[2];
        final Operand[] beta = new Operand[2];
        final Layer up1;
        final Operand upGamma = input(16);
        final Operand upBeta = input(16);
        final Layer up2;
        final Operand high0;
        final Operand high1;
        final Operand filters;

        Inputs(int batch, int height, int width, int tokens, int channels, int inner, int heads, int gap) {
            this.batch = batch;
            this.height = height;
            this.width = width;
            this.tokens = tokens;
            this.channels = channels;
            this.inner = inner;
            this.heads = heads;
            int n = height * width;
            // Scores of order 1: softmaxes that are not one-hot.
            double deviation = 1 / Math.sqrt(channels);
            image = spread(gap, 2, 1, n, channels);
            positions = spread(gap, 1, 1, n, channels);
            for (int i = 0; i < 3; i++) {
                q[i] = spread(gap, deviation, batch, tokens, inner);
                keys[i] = new Layer(inner, channels);
                values[i] = new Layer(inner, channels);
            }
            for (int i = 0; i < 2; i++) {
                k[i] = spread(gap, deviation, batch, tokens, inner);
                v[i] = spread(gap, 1, batch, tokens, inner);
                queries[i] = new Layer(inner, channels);
                outputs[i] = new Layer(channels, inner);
                gamma[i] = input(channels);
                beta[i] = input(channels);
            }
            up1 = new Layer(64, channels, 16);
            up2 = new Layer(32, 16, 8);
            high0 = spread(gap, 1, 1, 4 * height, 4 * width, 8);
            high1 = spread(gap, 1, 1, 2 * height, 2 * width, 16);
            filters = spread(gap, 1, batch, 3, 8);
        }

        void dense(Backend b, Operand[] outs, Workspace workspace) {
            Tensor x = image.on(b);
            for (int i = 0; i < 3; i++) {
                if (i > 0) {
                    Tensor next = workspace.allocate(Shape.of(batch, height * width, channels));
                    Projection query = queries[i - 1].on(b);
                    Projection output = outputs[i - 1].on(b);
                    Tensor at = positions.on(b);
                    Tensor keysOfTokens = k[i - 1].on(b);
                    Tensor valuesOfTokens = v[i - 1].on(b);
                    b.attendTokens(
                            x, at, keysOfTokens, valuesOfTokens, query, output, heads, norm(b, i - 1), next, workspace);
                    x = next;
                }
                Projection key = keys[i].on(b);
                Projection value = values[i].on(b);
                b.attendImage(q[i].on(b), x, positions.on(b), key, value, heads, outs[i].on(b), workspace);
            }
            Tensor picture = x.reshape(batch, height, width, channels);
            b.drawMasks(picture, layers(b), high0.on(b), high1.on(b), filters.on(b), outs[3].on(b), workspace);
            Tensor last = picture.slice(batch - 1, batch);
            Tensor filter = filters.on(b).slice(batch - 1, batch);
            b.drawMasks(last, layers(b), high0.on(b), high1.on(b), filter, outs[4].on(b), workspace);
        }

        void lowRank(Backend b, LowRankOps lowRank, Operand[] outs, Ops ops) {
            LowRankOps.Shared shared = lowRank.share(image.on(b), positions.on(b));
            LowRankImage x = lowRank.begin(shared, batch, tokens, heads, ops.workspace());
            for (int i = 0; i < 3; i++) {
                if (i > 0) {
                    Projection query = queries[i - 1].on(b);
                    Projection output = outputs[i - 1].on(b);
                    ops.attendTokens(x, k[i - 1].on(b), v[i - 1].on(b), query, output, heads, norm(b, i - 1));
                }
                lowRank.attendImage(q[i].on(b), x, keys[i].on(b), values[i].on(b), heads, outs[i].on(b));
            }
            ops.drawMasks(x, layers(b), high0.on(b), high1.on(b), filters.on(b), outs[3].on(b));
            LowRankImage last = x.slice(batch - 1, batch);
            Tensor filter = filters.on(b).slice(batch - 1, batch);
            ops.drawMasks(last, layers(b), high0.on(b), high1.on(b), filter, outs[4].on(b));
        }

        private Norm norm(Backend b, int i) {
            return new Norm(gamma[i].on(b), beta[i].on(b), 1e-5f);
        }

        private MaskUpscaling layers(Backend b) {
            Norm norm = new Norm(upGamma.on(b), upBeta.on(b), 1e-6f);
            return new MaskUpscaling(up1.on(b), norm, up2.on(b));
        }
    }

    private final class Layer {
        final Matrix matrix;
        final Operand bias;

        Layer(int out, int in) {
            this(out, in, out);
        }

        Layer(int out, int in, int biases) {
            matrix = matrix(out, in);
            bias = input(biases);
        }

        Projection on(Backend b) {
            return new Projection(matrix.on(b), bias.on(b));
        }
    }
}
