package dev.sam2j.cpu.attention;

import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.products.RowTiles;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Scratch;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Tensor;

/**
 * Fused attention: queries in blocks, keys in blocks, the softmax online (running maximum and sum per query), so that
 * scores exist only for one block of both. Where several blocks of queries meet the same keys, keys and values are
 * packed once beforehand, else block by block by the task that needs them.
 */
public final class Attention {
    /** Keys in a block: whole tiles at every vector width. */
    static final int KEY_BLOCK = 264;

    /** Queries in a block: whole panels and whole tiles at every vector width. */
    public static final int QUERY_BLOCK = 96;

    /** Row distance of scores: no power of two, so that rows do not share cache sets. */
    public static final int STRIDE = QUERY_BLOCK + 16;

    /** Packed keys and values held at once, in floats, unless one entry needs more. */
    private static final long PACKED_LIMIT = 1 << 24;

    private static final int SLOT_PACKED = 0;
    private static final int SLOT_SHARED = 8;
    private static final int INTS_QUERIES = 0;
    private static final int INTS_KEYS = 1;

    private final AttentionProblem p;
    private final AttentionTiles tiles;
    private final ProductKernel gemm;
    private final AttentionPacking packing;
    private final Parallel parallel;

    private Attention(AttentionProblem problem, AttentionTiles tiles, ProductKernel gemm, Parallel parallel) {
        this.p = problem;
        this.tiles = tiles;
        this.gemm = gemm;
        this.packing = new AttentionPacking(problem, tiles, gemm);
        this.parallel = parallel;
    }

    /**
     * {@code softmax(scale q kᵀ) v} for every entry, head and window, see {@link Backend#attention}.
     *
     * @param logSumExp receives {@code log(sum(exp(scale q kᵀ)))} of each query and head, (B, Nq, heads), unless null
     */
    public static void run(
            Tensor q,
            Tensor k,
            Tensor v,
            AttentionSpec spec,
            Tensor out,
            Tensor logSumExp,
            AttentionTiles tiles,
            ProductKernel gemm,
            Parallel parallel) {
        AttentionProblem problem = AttentionProblem.of(q, k, v, spec, out, logSumExp);
        Attention attention = new Attention(problem, tiles, gemm, parallel);
        if (problem.windows() != null) {
            attention.windowed();
        } else if (problem.queries() <= QUERY_BLOCK) {
            int heads = problem.heads();
            parallel.forEach(
                    problem.batch() * heads,
                    (task, scratch) -> attention.fewQueries(task / heads, task % heads, scratch));
        } else {
            attention.global();
        }
    }

    private void windowed() {
        WindowGrid grid = new WindowGrid(p.windows());
        int windows = p.batch() * grid.count();
        // All heads of a window share cache lines.
        int heads = windows < 16 * parallel.threads() ? 1 : p.heads();
        int groups = p.heads() / heads;
        parallel.forEach(windows * groups, (task, scratch) -> {
            int window = task / groups % grid.count();
            int entry = task / groups / grid.count();
            int area = grid.area();
            int[] queries = scratch.ints(INTS_QUERIES, area);
            int[] keys = scratch.ints(INTS_KEYS, area);
            int n = grid.queries(window, queries);
            int inside = grid.keys(window, keys);
            int firstHead = task % groups * heads;
            for (int head = firstHead; head < firstHead + heads; head++) {
                window(entry, head, queries, n, keys, inside, area - inside, scratch);
            }
        });
    }

    /** Given queries and keys of one entry and head; {@code outside} more keys are the padding. */
    private void window(
            int entry, int head, int[] queries, int n, int[] keys, int inside, int outside, Scratch scratch) {
        int total = outside > 0 ? inside + 1 : inside;
        RowTiles keyTiles = packing.keyTiles(total);
        int valuesAt = keyTiles.size();
        float[] packed = scratch.floats(SLOT_PACKED, valuesAt + packing.valueSize(total));
        packing.keys(entry, head, keys, 0, inside, keyTiles, 0, packed, 0);
        if (outside > 0) {
            packing.padKey(head, keyTiles, inside, packed, 0);
        }
        packing.allValues(entry, head, keys, total, inside, packed, valuesAt);
        float bias = outside > 1 ? (float) (Math.log(outside) / Math.log(2)) : 0;
        for (int q = 0; q < n; q += QUERY_BLOCK) {
            AttentionQueries block = queries(entry, head, queries, q, Math.min(QUERY_BLOCK, n - q), scratch);
            block.accumulateAll(keyTiles, total, packed, 0, valuesAt, bias);
            block.finish();
        }
    }

    private AttentionQueries queries(int entry, int head, int[] indices, int from, int n, Scratch scratch) {
        return new AttentionQueries(p, tiles, gemm, packing, entry, head, indices, from, n, scratch);
    }

    /** All queries of an entry and head fit one block, so that each key is used once. */
    private void fewQueries(int entry, int head, Scratch scratch) {
        int largest = Math.min(p.keys(), KEY_BLOCK);
        RowTiles keyTiles = packing.keyTiles(largest);
        int valuesAt = keyTiles.size();
        float[] packed = scratch.floats(SLOT_PACKED, valuesAt + packing.valueSize(largest));
        AttentionQueries block = queries(entry, head, null, 0, p.queries(), scratch);
        for (int first = 0; first < p.keys(); first += KEY_BLOCK) {
            int count = Math.min(KEY_BLOCK, p.keys() - first);
            packing.keys(entry, head, null, first, count, keyTiles, 0, packed, 0);
            packing.values(entry, head, null, first, count, false, packed, valuesAt);
            block.accumulate(keyTiles, 0, count, packed, 0, valuesAt, 0);
        }
        block.finish();
    }

    /** Packs the keys and values of as many entries as fit the limit, then runs their queries. */
    private void global() {
        boolean shared = p.sharedKeys() && p.sharedValues();
        RowTiles keyTiles = packing.keyTiles(p.keys());
        int headSize = keyTiles.size() + packing.valueSize(p.keys());
        int entries = shared ? 1 : (int) Math.max(1, Math.min(p.batch(), PACKED_LIMIT / ((long) headSize * p.heads())));
        int step = shared ? p.batch() : entries;
        int size = Math.multiplyExact(headSize, entries * p.heads());
        parallel.forEach(1, (one, scratch) -> {
            float[] packed = scratch.floats(SLOT_SHARED, size);
            for (int first = 0; first < p.batch(); first += step) {
                int count = Math.min(step, p.batch() - first);
                packAll(first, shared ? 1 : count, packed, headSize, keyTiles);
                runAll(first, count, shared, packed, headSize, keyTiles);
            }
        });
    }

    private void packAll(int firstEntry, int entries, float[] packed, int headSize, RowTiles keyTiles) {
        int blocks = (p.keys() + KEY_BLOCK - 1) / KEY_BLOCK;
        parallel.forEach(entries * p.heads() * blocks, (task, scratch) -> {
            int first = task % blocks * KEY_BLOCK;
            int slab = task / blocks;
            int entry = firstEntry + slab / p.heads();
            int head = slab % p.heads();
            int at = slab * headSize;
            int count = Math.min(KEY_BLOCK, p.keys() - first);
            packing.keys(entry, head, null, first, count, keyTiles, first, packed, at);
            int valuesAt = at + keyTiles.size() + packing.valueSize(first);
            packing.values(entry, head, null, first, count, false, packed, valuesAt);
        });
    }

    private void runAll(int firstEntry, int entries, boolean shared, float[] packed, int headSize, RowTiles keyTiles) {
        int blocks = (p.queries() + QUERY_BLOCK - 1) / QUERY_BLOCK;
        parallel.forEach(entries * p.heads() * blocks, (task, scratch) -> {
            int q = task % blocks * QUERY_BLOCK;
            int slab = task / blocks;
            int entry = firstEntry + slab / p.heads();
            int head = slab % p.heads();
            int at = (shared ? head : slab) * headSize;
            AttentionQueries block = queries(entry, head, null, q, Math.min(QUERY_BLOCK, p.queries() - q), scratch);
            block.accumulateAll(keyTiles, p.keys(), packed, at, at + keyTiles.size(), 0);
            block.finish();
        });
    }
}
