package dev.sam2j.tensor.fused;

import static dev.sam2j.tensor.Checks.check;

import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;

/**
 * For each entry the row of its best score: {@code destination[b] = x[b, offset + m]} with the first m from
 * {@code first} on whose {@code scores[b, m]} is the largest. Step by step the host chooses.
 *
 * @param x (B, R, N)
 * @param scores float32 (B, M)
 * @param destination (B, N)
 */
public record Pick(Tensor x, Tensor scores, int first, int offset, Tensor destination) implements FusedOp {
    private static final String NAME = "pick";

    /**
     * Checks the operands.
     *
     * @throws IllegalArgumentException if one does not fit the others
     */
    public Pick {
        check(x.shape().rank() == 3, NAME, "rows", "(B, R, N)", x.shape());
        check(scores.rows() == x.dim(0), NAME, "rows of scores", x.dim(0), scores.shape());
        check(first >= 0 && first < scores.cols(), NAME, "first", "0 to " + (scores.cols() - 1), first);
        check(
                offset >= 0 && offset + scores.cols() <= x.dim(1),
                NAME,
                "offset",
                scores.cols() + " rows from there on of " + x.shape(),
                offset);
        check(
                destination.rows() == x.dim(0) && destination.cols() == x.cols(),
                NAME,
                "destination",
                Shape.of(x.dim(0), x.cols()),
                destination.shape());
    }

    @Override
    public void unfused(Ops ops) {
        int count = scores.cols();
        float[] values = ops.toHost(scores);
        for (int entry = 0; entry < destination.rows(); entry++) {
            int best = first;
            for (int m = first + 1; m < count; m++) {
                if (values[entry * count + m] > values[entry * count + best]) {
                    best = m;
                }
            }
            Tensor rows = x.slice(entry, entry + 1).reshape(x.dim(1), x.cols());
            ops.copy(rows.slice(offset + best, offset + best + 1), destination.slice(entry, entry + 1));
        }
    }
}
