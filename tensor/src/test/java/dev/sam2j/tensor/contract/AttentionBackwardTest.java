package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.AttentionSpec;
import org.junit.jupiter.api.Test;

/** Attention that keeps the logarithm of its sums, and its adjoint. */
class AttentionBackwardTest extends TrainingContract {
    /** As in {@link AttentionTest}; gradients are sums of several such values. */
    private static final double TOLERANCE = 1e-5;

    @Test
    void oddSizes() {
        check(1, 1, 1, 1, 1, 1, false, 0);
        check(2, 3, 5, 7, 13, 17, false, 0);
        check(1, 2, 33, 31, 97, 257, false, 0);
        check(3, 1, 17, 3, 101, 31, false, 5);
        check(1, 1, 16, 16, 12, 529, false, 0);
        check(1, 1, 16, 16, 577, 30, false, 0);
    }

    @Test
    void decoderShapes() {
        check(3, 8, 16, 16, 9, 600, false, 0);
        check(2, 8, 16, 16, 600, 9, false, 3);
        check(2, 8, 32, 32, 16, 16, false, 0);
    }

    @Test
    void sharedKeys() {
        check(3, 8, 16, 16, 9, 600, true, 0);
        check(5, 2, 16, 8, 200, 11, true, 1);
    }

    @Test
    void memoryShapesWithNarrowValues() {
        check(1, 1, 256, 64, 100, 300, false, 0);
    }

    @Test
    void gradientsThatNobodyNeeds() {
        Operands o = new Operands(2, 2, 8, 8, 30, 20, false, 0);
        Operand dQ = spread(0, 1, 2, 30, 16);
        Operand dV = spread(0, 1, 2, 20, 16);
        o.forward();
        train((ops, b) -> ops.attentionBackward(
                o.q.on(b),
                o.k.on(b),
                o.v.on(b),
                o.spec,
                o.out.on(b),
                o.logSumExp.on(b),
                o.dOut.on(b),
                dQ.on(b),
                null,
                null));
        assertClose(dQ, TOLERANCE, TOLERANCE);
        train((ops, b) -> ops.attentionBackward(
                o.q.on(b),
                o.k.on(b),
                o.v.on(b),
                o.spec,
                o.out.on(b),
                o.logSumExp.on(b),
                o.dOut.on(b),
                null,
                null,
                dV.on(b)));
        assertClose(dV, TOLERANCE, TOLERANCE);
    }

    private void check(int batch, int heads, int dk, int dv, int queries, int keys, boolean shared, int gap) {
        Operands o = new Operands(batch, heads, dk, dv, queries, keys, shared, gap);
        Operand dQ = spread(gap, 1, batch, queries, heads * dk);
        Operand dK = spread(gap, 1, shared ? 1 : batch, keys, heads * dk);
        Operand dV = spread(gap, 1, shared ? 1 : batch, keys, heads * dv);
        o.forward();
        assertClose(o.out, TOLERANCE, TOLERANCE);
        assertClose(o.logSumExp, TOLERANCE, TOLERANCE);
        train((ops, b) -> ops.attentionBackward(
                o.q.on(b),
                o.k.on(b),
                o.v.on(b),
                o.spec,
                o.out.on(b),
                o.logSumExp.on(b),
                o.dOut.on(b),
                dQ.on(b),
                dK.on(b),
                dV.on(b)));
        // A query gives as much to all keys together as they to it.
        double many = Math.sqrt(1 + (double) queries * (shared ? batch : 1) / keys);
        assertClose(dQ, TOLERANCE, TOLERANCE);
        assertClose(dK, TOLERANCE * many, TOLERANCE);
        assertClose(dV, TOLERANCE * many, TOLERANCE);
    }

    private final class Operands {
        private final AttentionSpec spec;
        private final Operand q;
        private final Operand k;
        private final Operand v;
        private final Operand out;
        private final Operand logSumExp;
        private final Operand dOut;

        Operands(int batch, int heads, int dk, int dv, int queries, int keys, boolean shared, int gap) {
            spec = AttentionSpec.global(heads, heads * dk);
            q = spread(gap, 1, batch, queries, heads * dk);
            k = spread(gap, 1, shared ? 1 : batch, keys, heads * dk);
            v = spread(gap, 1, shared ? 1 : batch, keys, heads * dv);
            out = output(gap, batch, queries, heads * dv);
            logSumExp = output(gap, batch, queries, heads);
            dOut = spread(gap, 1, batch, queries, heads * dv);
        }

        void forward() {
            train((ops, b) -> ops.attention(q.on(b), k.on(b), v.on(b), spec, out.on(b), logSumExp.on(b)));
        }
    }
}
