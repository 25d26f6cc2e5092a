package dev.sam2j.cpu.attention;

import dev.sam2j.cpu.runtime.Rows;

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
 * @param grid partition into windows, or null for none
 * @param padKey one row, the key of positions outside the grid; null where there are none
 * @param padValue one row, the value of such positions
 */
public record AttentionProblem(
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
        WindowGrid grid,
        Rows padKey,
        Rows padValue) {}
