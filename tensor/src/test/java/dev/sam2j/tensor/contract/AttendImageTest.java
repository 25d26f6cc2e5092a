package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.fused.AttendImage;
import dev.sam2j.tensor.fused.DenseImages;
import dev.sam2j.tensor.fused.Projection;
import org.junit.jupiter.api.Test;

class AttendImageTest extends BackendContract {
    @Test
    void everyTokenSeesTheWholeImage() {
        check(1, 1, 3, 40, 32, 64, 8, 0);
        check(3, 3, 8, 97, 64, 128, 8, 0);
    }

    @Test
    void promptsMayShareAnImage() {
        check(4, 1, 7, 53, 32, 64, 8, 5);
    }

    @Test
    void imagesOfSeveralTasks() {
        check(1, 1, 2, 1300, 16, 32, 4, 3);
    }

    @Test
    void projectsTheImageWhereTokensAreMany() {
        check(2, 2, 19, 33, 24, 48, 3, 2);
        check(1, 1, 31, 30, 12, 16, 8, 0);
    }

    private void check(int batch, int images, int tokens, int positions, int channels, int inner, int heads, int gap) {
        // In bfloat16 scores of order 1, since their rounding becomes a relative error of the weights.
        Operand q = spread(gap, inHalves() ? 1 / Math.sqrt(channels) : 1, batch, tokens, inner);
        Operand x = spread(gap, 1, images, positions, channels);
        Operand at = spread(gap, 1, 1, positions, channels);
        Matrix key = matrix(inner, channels);
        Operand keyBias = input(inner);
        Matrix value = matrix(inner, channels);
        Operand valueBias = input(inner);
        Operand y = output(gap, batch, tokens, inner);
        run(b -> fused(
                b,
                new AttendImage(
                        q.on(b),
                        new DenseImages(x.on(b), at.on(b)),
                        new Projection(key.on(b), keyBias.on(b)),
                        new Projection(value.on(b), valueBias.on(b)),
                        heads,
                        y.on(b))));
        // Scores are sums of inner / heads products of sums over the channels; their rounding errors become relative
        // errors of the weights. Values are of order sqrt(channels).
        double score = Math.sqrt((double) inner / heads) * Math.sqrt(channels) * 1e-6;
        assertClose(y, 4 * score * Math.sqrt(channels), 1e-5, 32 * Math.sqrt(channels));
    }
}
