package dev.sam2j.kernels.cpu;

/**
 * Fused attention: queries in blocks, keys in blocks, the softmax online (running maximum and sum per query), so that
 * scores exist only as a tile of a few rows. Where several blocks of queries meet the same keys, keys and values are
 * packed once beforehand, else block by block by the task that needs them.
 */
public final class Attention {
    /** Keys in a block; also the greatest depth of one product of queries and keys. */
    static final int BLOCK = 256;

    /** Row distance of packed queries and score tiles: no power of two, so that rows do not share cache sets. */
    static final int STRIDE = BLOCK + 16;

    private static final int QUERY_BLOCK = 96;
    /** Packed keys and values held at once, in floats, unless one entry needs more. */
    private static final long PACKED_LIMIT = 1 << 24;

    private static final int SLOT_PACKED = 0;
    private static final int SLOT_SHARED = 5;
    private static final int INTS_QUERIES = 0;
    private static final int INTS_KEYS = 1;

    private final AttentionProblem p;
    private final AttentionTiles tiles;
    private final AttentionPacking packing;

    private Attention(AttentionProblem problem, AttentionTiles tiles) {
        this.p = problem;
        this.tiles = tiles;
        this.packing = new AttentionPacking(problem, tiles.lanes());
    }

    /** Computes {@code softmax(scale q kᵀ) v} for every entry, head and window. */
    public static void run(AttentionProblem problem, AttentionTiles tiles, Parallel parallel) {
        Attention attention = new Attention(problem, tiles);
        if (problem.grid() != null) {
            attention.windowed(parallel);
        } else if (problem.queries() <= QUERY_BLOCK) {
            int heads = problem.heads();
            parallel.forEach(
                    problem.batch() * heads,
                    (task, scratch) -> attention.attend(
                            task / heads, task % heads, null, problem.queries(), null, problem.keys(), 0, scratch));
        } else {
            attention.global(parallel);
        }
    }

    private void windowed(Parallel parallel) {
        int windows = p.grid().windows();
        int area = p.grid().size() * p.grid().size();
        parallel.forEach(p.batch() * windows * p.heads(), (task, scratch) -> {
            int window = task / p.heads() % windows;
            int[] queries = scratch.ints(INTS_QUERIES, area);
            int[] keys = scratch.ints(INTS_KEYS, area);
            int n = p.grid().queries(window, queries);
            int inside = p.grid().keys(window, keys);
            attend(task / p.heads() / windows, task % p.heads(), queries, n, keys, inside, area - inside, scratch);
        });
    }

    /** Given queries and keys of one entry and head; {@code outside} more keys are the padding. */
    private void attend(
            int entry, int head, int[] queries, int n, int[] keys, int inside, int outside, Scratch scratch) {
        int total = outside > 0 ? inside + 1 : inside;
        int largest = Math.min(total, BLOCK);
        int valuesAt = packing.keySize(largest);
        float[] packed = scratch.floats(SLOT_PACKED, valuesAt + packing.valueSize(largest));
        for (int q = 0; q < n; q += QUERY_BLOCK) {
            AttentionQueries block =
                    new AttentionQueries(p, tiles, entry, head, queries, q, Math.min(QUERY_BLOCK, n - q), scratch);
            for (int first = 0; first < total; first += BLOCK) {
                int count = Math.min(BLOCK, total - first);
                boolean padded = outside > 0 && first + count == total;
                if (q == 0 || total > BLOCK) {
                    packing.block(entry, head, keys, first, count, padded, packed, 0, valuesAt);
                }
                block.accumulate(packed, 0, valuesAt, count, padded ? outside : 1);
            }
            block.finish();
        }
    }

    /** Packs the keys and values of as many entries as fit the limit, then runs their queries. */
    private void global(Parallel parallel) {
        boolean shared = p.sharedKeys() && p.sharedValues();
        int headSize = packing.keySize(p.keys()) + packing.valueSize(p.keys());
        int entries = shared ? 1 : (int) Math.max(1, Math.min(p.batch(), PACKED_LIMIT / ((long) headSize * p.heads())));
        int step = shared ? p.batch() : entries;
        int size = Math.multiplyExact(headSize, entries * p.heads());
        parallel.forEach(1, (one, scratch) -> {
            float[] packed = scratch.floats(SLOT_SHARED, size);
            for (int first = 0; first < p.batch(); first += step) {
                int count = Math.min(step, p.batch() - first);
                packAll(parallel, first, shared ? 1 : count, packed, headSize);
                runAll(parallel, first, count, shared, packed, headSize);
            }
        });
    }

    private void packAll(Parallel parallel, int firstEntry, int entries, float[] packed, int headSize) {
        int blocks = (p.keys() + BLOCK - 1) / BLOCK;
        parallel.forEach(entries * p.heads() * blocks, (task, scratch) -> {
            int first = task % blocks * BLOCK;
            int slab = task / blocks;
            int keysAt = slab * headSize + packing.keySize(first);
            int valuesAt = slab * headSize + packing.keySize(p.keys()) + packing.valueSize(first);
            int count = Math.min(BLOCK, p.keys() - first);
            packing.block(
                    firstEntry + slab / p.heads(),
                    slab % p.heads(),
                    null,
                    first,
                    count,
                    false,
                    packed,
                    keysAt,
                    valuesAt);
        });
    }

    private void runAll(Parallel parallel, int firstEntry, int entries, boolean shared, float[] packed, int headSize) {
        int blocks = (p.queries() + QUERY_BLOCK - 1) / QUERY_BLOCK;
        parallel.forEach(entries * p.heads() * blocks, (task, scratch) -> {
            int q = task % blocks * QUERY_BLOCK;
            int slab = task / blocks;
            int head = slab % p.heads();
            int keysAt = (shared ? head : slab) * headSize;
            int valuesAt = keysAt + packing.keySize(p.keys());
            AttentionQueries block = new AttentionQueries(
                    p,
                    tiles,
                    firstEntry + slab / p.heads(),
                    head,
                    null,
                    q,
                    Math.min(QUERY_BLOCK, p.queries() - q),
                    scratch);
            for (int first = 0; first < p.keys(); first += BLOCK) {
                int count = Math.min(BLOCK, p.keys() - first);
                block.accumulate(
                        packed, keysAt + packing.keySize(first), valuesAt + packing.valueSize(first), count, 1);
            }
            block.finish();
        });
    }
}
