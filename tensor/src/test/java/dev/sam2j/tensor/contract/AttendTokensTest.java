package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.AttendTokens;
import dev.sam2j.tensor.fused.DenseImages;
import dev.sam2j.tensor.fused.Norm;
import dev.sam2j.tensor.fused.Projection;
import org.junit.jupiter.api.Test;

class AttendTokensTest extends BackendContract {
    /** Results of order 10 at most; weights, their sums and the projection are rounded before the norm. */
    private static final double ROUNDED = 40;

    @Test
    void everyPositionSeesItsTokens() {
        check(1, 1, 3, 40, 32, 64, 8, 0);
        check(3, 3, 8, 101, 64, 128, 8, 0);
    }

    @Test
    void promptsMayShareAnImage() {
        check(4, 1, 7, 53, 32, 64, 8, 5);
    }

    @Test
    void fewHeads() {
        check(1, 1, 5, 30, 16, 32, 1, 0);
        check(1, 1, 2, 30, 16, 32, 2, 3);
        check(2, 2, 4, 31, 16, 32, 4, 0);
    }

    @Test
    void projectsTheImageWhereTokensAreMany() {
        check(2, 2, 19, 33, 24, 48, 3, 2);
        check(2, 1, 31, 30, 12, 16, 8, 0);
    }

    @Test
    void queriesMayBeGiven() {
        checkProjected(1, 1, 3, 40, 32, 64, 8, 0);
        checkProjected(4, 1, 8, 101, 64, 128, 8, 5);
        checkProjected(2, 2, 4, 31, 16, 32, 4, 3);
        checkProjected(2, 1, 19, 33, 24, 48, 3, 2);
    }

    private void checkProjected(
            int batch, int images, int tokens, int positions, int channels, int inner, int heads, int gap) {
        Inputs in = new Inputs(batch, images, tokens, positions, channels, inner, heads, gap);
        Operand q = spread(gap, 1, 1, positions, inner);
        Operand y = output(gap, batch, positions, channels);
        run(b -> in.run(b, q.on(b), y.on(b)));
        assertClose(y, in.tolerance(), 1e-5, ROUNDED);
    }

    private void check(int batch, int images, int tokens, int positions, int channels, int inner, int heads, int gap) {
        Inputs in = new Inputs(batch, images, tokens, positions, channels, inner, heads, gap);
        Operand y = output(gap, batch, positions, channels);
        run(b -> in.run(b, y.on(b)));
        assertClose(y, in.tolerance(), 1e-5, ROUNDED);
        if (images == batch) {
            run(b -> in.run(b, in.x.on(b)));
            assertClose(in.x, in.tolerance(), 1e-5, ROUNDED);
        }
    }

    private final class Inputs {
        final int heads;
        final double deviation;
        final int inner;
        final int channels;
        final Operand x;
        final Operand at;
        final Operand k;
        final Operand v;
        final Matrix query;
        final Operand queryBias;
        final Matrix output;
        final Operand outputBias;
        final Operand gamma;
        final Operand beta;

        Inputs(int batch, int images, int tokens, int positions, int channels, int inner, int heads, int gap) {
            this.heads = heads;
            this.inner = inner;
            this.channels = channels;
            // Scores of order 1: softmaxes that are not one-hot.
            deviation = 1 / Math.sqrt(channels);
            x = spread(gap, 1, images, positions, channels);
            at = spread(gap, 1, 1, positions, channels);
            k = spread(gap, deviation, batch, tokens, inner);
            v = spread(gap, 1, batch, tokens, inner);
            query = matrix(inner, channels);
            queryBias = input(inner);
            output = matrix(channels, inner);
            outputBias = input(channels);
            gamma = input(channels);
            beta = input(channels);
        }

        void run(Backend b, Tensor destination) {
            run(b, new DenseImages(x.on(b), at.on(b)), destination);
        }

        void run(Backend b, Tensor q, Tensor destination) {
            DenseImages.Projected projected = new DenseImages.Projected(q, q, q);
            run(b, new DenseImages(x.on(b), at.on(b), projected), destination);
        }

        private void run(Backend b, DenseImages images, Tensor destination) {
            fused(
                    b,
                    new AttendTokens(
                            images,
                            k.on(b),
                            v.on(b),
                            new Projection(query.on(b), queryBias.on(b)),
                            new Projection(output.on(b), outputBias.on(b)),
                            heads,
                            new Norm(gamma.on(b), beta.on(b), 1e-5f),
                            new DenseImages(destination, at.on(b))));
        }

        /** Rounding errors of the scores become relative errors of weights; the norm's results are of order 4. */
        double tolerance() {
            return 16e-6 * Math.sqrt((double) inner / heads) * Math.sqrt(inner);
        }
    }
}
