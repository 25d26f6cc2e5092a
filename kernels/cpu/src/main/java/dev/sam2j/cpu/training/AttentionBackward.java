package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Tensor;

/**
 * The adjoint of attention. A task takes a head of an entry, or of all entries where they share keys or values, so that
 * each gradient has one writer, and goes through blocks of queries and keys in order: {@link AttentionGradients}.
 */
final class AttentionBackward {
    private AttentionBackward() {}

    /** Adds to dQ, dK and dV, each of which may be null. */
    static void run(
            Tensor q,
            Tensor k,
            Tensor v,
            AttentionSpec spec,
            Tensor out,
            Tensor logSumExp,
            Tensor dOut,
            Tensor dQ,
            Tensor dK,
            Tensor dV,
            CpuKernels kernels,
            Parallel parallel) {
        int heads = spec.heads();
        int batch = q.dim(0);
        int keyColumns = q.cols() / heads;
        int valueColumns = v.cols() / heads;
        boolean sharedKeys = k.dim(0) == 1;
        boolean sharedValues = v.dim(0) == 1;
        int entries = sharedKeys || sharedValues ? batch : 1;
        parallel.forEach(batch / entries * heads, (task, scratch) -> {
            int head = task % heads;
            int firstEntry = task / heads * entries;
            AttentionGradients gradients =
                    new AttentionGradients(kernels, scratch, spec.scale(), keyColumns, valueColumns);
            for (int entry = firstEntry; entry < firstEntry + entries; entry++) {
                int query = entry * q.dim(1);
                int key = sharedKeys ? 0 : entry * k.dim(1);
                int value = sharedValues ? 0 : entry * k.dim(1);
                gradients.run(
                        new AttentionGradients.Queries(
                                q.dim(1),
                                part(q, query, head * keyColumns),
                                part(out, query, head * valueColumns),
                                part(logSumExp, query, head),
                                part(dOut, query, head * valueColumns),
                                part(dQ, query, head * keyColumns)),
                        new AttentionGradients.Keys(
                                k.dim(1),
                                part(k, key, head * keyColumns),
                                part(v, value, head * valueColumns),
                                part(dK, key, head * keyColumns),
                                part(dV, value, head * valueColumns)));
            }
        });
    }

    /** Rows and columns from the given ones on, or null. */
    private static Rows part(Tensor tensor, int row, int column) {
        if (tensor == null) {
            return null;
        }
        Rows rows = rows(tensor);
        return new Rows(rows.data(), rows.at(row) + column, rows.stride());
    }
}
