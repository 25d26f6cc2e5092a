package dev.sam2j.cpu.attention;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Tensor;

/**
 * Operands of {@link Attention}.
 *
 * @param batch entries of queries and output
 * @param heads adjacent column groups of each operand
 * @param keyColumns columns of a head in queries and keys
 * @param valueColumns columns of a head in values and output
 * @param scale factor on every dot product
 * @param queries rows per entry
 * @param keys rows per entry
 * @param sharedKeys whether all entries see the keys of entry 0
 * @param sharedValues whether all entries see the values of entry 0
 * @param q (batch * queries, heads * keyColumns)
 * @param k (batch * keys, heads * keyColumns)
 * @param v (batch * keys, heads * valueColumns)
 * @param out (batch * queries, heads * valueColumns)
 * @param logSumExp receives the logarithm of the sum of powers of each query and head, (batch * queries, heads), or
 *     null
 * @param windows how queries and keys are grouped, or null for not at all
 */
record AttentionProblem(
        int batch,
        int heads,
        int keyColumns,
        int valueColumns,
        float scale,
        int queries,
        int keys,
        boolean sharedKeys,
        boolean sharedValues,
        Rows q,
        Rows k,
        Rows v,
        Rows out,
        Rows logSumExp,
        AttentionSpec.Windows windows) {
    static AttentionProblem of(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor out, Tensor logSumExp) {
        return new AttentionProblem(
                q.dim(0),
                spec.heads(),
                q.cols() / spec.heads(),
                v.cols() / spec.heads(),
                spec.scale(),
                q.dim(1),
                k.dim(1),
                k.dim(0) == 1,
                v.dim(0) == 1,
                rows(q),
                rows(k),
                rows(v),
                rows(out),
                logSumExp == null ? null : rows(logSumExp),
                spec.windows());
    }
}
