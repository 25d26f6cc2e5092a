package dev.sam2j.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.AttendImage;
import dev.sam2j.tensor.fused.AttendTokens;
import dev.sam2j.tensor.fused.DenseImages;
import dev.sam2j.tensor.fused.DrawMasks;
import dev.sam2j.tensor.fused.Images;
import dev.sam2j.tensor.fused.MaskUpscaling;
import dev.sam2j.tensor.fused.Norm;
import dev.sam2j.tensor.fused.Projection;
import dev.sam2j.tensor.fused.ShareImage;
import dev.sam2j.tensor.reference.ReferenceBackend;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Two layers of a mask decoder and its drawing on an image that prompts share: each step against dense images. */
class ShareImageTest extends BackendContract {
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
        try (Ops ops = new Ops(backend())) {
            Images shared = in.shared(backend());
            Assumptions.assumeTrue(shared != null, "dense only");
            assertFalse(shared.suits(17));
            Images x = shared.expand(1, 8, ops.workspace());
            Tensor eight = in.k[0].on(backend());
            Tensor nine = more.on(backend());
            ops.run(in.update(backend(), 0, shared, eight, x));
            assertThrows(IllegalArgumentException.class, () -> ops.run(in.update(backend(), 0, x, nine, x)));
            ops.run(in.update(backend(), 0, x, eight, x));
            assertThrows(IllegalArgumentException.class, () -> ops.run(in.update(backend(), 0, x, eight, x)));
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
            try (Ops ops = new Ops(b)) {
                Images shared = b instanceof ReferenceBackend
                        ? new DenseImages(in.image.on(b), in.positions.on(b))
                        : in.shared(b);
                Assumptions.assumeTrue(shared != null, "dense only");
                in.run(b, shared, outs, ops);
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

        /**
         * The image in the form of the backend, or null if it has none. It is asked for prompts of one token, for which
         * that pays with these few channels; it must be right for any number.
         */
        Images shared(Backend b) {
            Images[] shared = new Images[1];
            boolean own = b.run(new ShareImage(
                    new DenseImages(image.on(b), positions.on(b)),
                    keys[0].on(b),
                    values[0].on(b),
                    queries[0].on(b),
                    1,
                    heads,
                    made -> shared[0] = made));
            assertEquals(own, shared[0] != null);
            return shared[0];
        }

        AttendTokens update(Backend b, int i, Images x, Tensor tokens, Images destination) {
            return new AttendTokens(
                    x, tokens, tokens, queries[i].on(b), outputs[i].on(b), heads, norm(b, i), destination);
        }

        void run(Backend b, Images shared, Operand[] outs, Ops ops) {
            Images x = shared;
            Images next = shared.expand(batch, tokens, ops.workspace());
            for (int i = 0; i < 3; i++) {
                if (i > 0) {
                    ops.run(new AttendTokens(
                            x,
                            k[i - 1].on(b),
                            v[i - 1].on(b),
                            queries[i - 1].on(b),
                            outputs[i - 1].on(b),
                            heads,
                            norm(b, i - 1),
                            next));
                    x = next;
                }
                ops.run(new AttendImage(q[i].on(b), x, keys[i].on(b), values[i].on(b), heads, outs[i].on(b)));
            }
            ops.run(new DrawMasks(x, layers(b), high0.on(b), high1.on(b), filters.on(b), outs[3].on(b)));
            Images last = x.slice(batch - 1, batch);
            Tensor filter = filters.on(b).slice(batch - 1, batch);
            ops.run(new DrawMasks(last, layers(b), high0.on(b), high1.on(b), filter, outs[4].on(b)));
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
