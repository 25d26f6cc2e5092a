package dev.sam2j.tensor.fused;

import static dev.sam2j.tensor.Checks.check;
import static dev.sam2j.tensor.Checks.checkSame;

import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;

/**
 * {@code destination = a} in entries whose score is above 0, {@code b} in the others. Step by step the host chooses.
 *
 * @param scores float32 (B, 1)
 * @param a B times as many rows as an entry has
 * @param b as many columns, rows that divide those of an entry and repeat, or a's rows
 * @param destination as a, may be a
 */
public record Where(Tensor scores, Tensor a, Tensor b, Tensor destination) implements FusedOp {
    private static final String NAME = "where";

    /**
     * Checks the operands.
     *
     * @throws IllegalArgumentException if one does not fit the others
     */
    public Where {
        check(
                scores.cols() == 1 && a.rows() % scores.rows() == 0,
                NAME,
                "scores",
                "(B, 1) for B entries of " + a.shape(),
                scores.shape());
        int perEntry = a.rows() / scores.rows();
        check(
                b.cols() == a.cols() && (b.rows() == a.rows() || perEntry % b.rows() == 0),
                NAME,
                "second operand",
                "rows like or dividing " + perEntry + ", and the columns of " + a.shape(),
                b.shape());
        checkSame(NAME, a, destination);
    }

    @Override
    public void unfused(Ops ops) {
        float[] values = ops.toHost(scores);
        int perEntry = a.rows() / values.length;
        Tensor rows = a.reshape(a.rows(), a.cols());
        Tensor others = b.reshape(b.rows(), b.cols());
        Tensor targets = destination.reshape(a.rows(), a.cols());
        for (int entry = 0; entry < values.length; entry++) {
            int from = entry * perEntry;
            int to = from + perEntry;
            if (values[entry] <= 0) {
                boolean repeats = b.rows() < a.rows();
                ops.copy(repeats ? others : others.slice(from, to), targets.slice(from, to));
            } else if (a != destination) {
                ops.copy(rows.slice(from, to), targets.slice(from, to));
            }
        }
    }
}
