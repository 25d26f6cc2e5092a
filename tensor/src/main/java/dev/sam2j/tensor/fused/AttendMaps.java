package dev.sam2j.tensor.fused;

import static dev.sam2j.tensor.Checks.check;
import static dev.sam2j.tensor.Checks.checkShape;

import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;

/**
 * Attention of one head to feature maps on one square grid and to tokens without a place behind them:
 * {@code softmax(q kᵀ / sqrt(C)) m} with {@code k = key(m + positions)}, turned by {@link Ops#rotary} except where it
 * has no place. Step by step all keys are projected and turned.
 *
 * @param q (1, Nq, C), turned already
 * @param memories m, (1, Nm, M): some maps of P positions each, then tokens without a place
 * @param positions (1, Nm, M)
 * @param placeless number of tokens without a place
 * @param rotary (P, C): the first half of the pairs must turn by angles proportional to the column of the grid, the
 *     second by angles proportional to the row
 * @param destination (1, Nq, M)
 */
public record AttendMaps(
        Tensor q, Tensor memories, Tensor positions, int placeless, Projection key, Tensor rotary, Tensor destination)
        implements FusedOp {
    private static final String NAME = "attendMaps";

    /**
     * Checks the operands.
     *
     * @throws IllegalArgumentException if one does not fit the others
     */
    public AttendMaps {
        check(q.dim(0) == 1, NAME, "entries of queries", 1, q.shape());
        checkShape(NAME, "positions", positions, 1, memories.dim(1), memories.cols());
        key.checkFits(NAME, "key projection", memories.cols(), q.cols());
        check(
                rotary.cols() == q.cols() && q.cols() % 2 == 0,
                NAME,
                "table",
                "the same even columns as " + q.shape(),
                rotary.shape());
        int placed = memories.dim(1) - placeless;
        boolean whole = placeless >= 0 && placed >= 0 && placed % rotary.rows() == 0;
        check(whole, NAME, "memories with a place", "a multiple of " + rotary.rows(), placed);
        checkShape(NAME, "destination", destination, 1, q.dim(1), memories.cols());
    }

    /** Memories with a place: those of all maps. */
    public int placed() {
        return memories.dim(1) - placeless;
    }

    /** The attention that this is. */
    public AttentionSpec spec() {
        return AttentionSpec.global(1, q.cols());
    }

    @Override
    public void unfused(Ops ops) {
        try (Workspace.Frame frame = ops.frame()) {
            Tensor keys = key.forward(ops, ops.add(memories, positions));
            if (placed() > 0) {
                Tensor maps = keys.reshape(keys.dim(1), keys.cols()).slice(0, placed());
                maps = maps.reshape(1, placed(), keys.cols());
                ops.rotary(maps, rotary, maps);
            }
            ops.attention(q, keys, memories, spec(), destination);
        }
    }
}
