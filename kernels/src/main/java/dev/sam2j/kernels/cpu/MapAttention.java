package dev.sam2j.kernels.cpu;

/**
 * Attention of one head to maps that lie on the same square grid, with projected keys and axial rotary positions, as
 * a frame of a video attends to its memories: {@code softmax(scale q kᵀ) m} with the key {@code k = R(x, y) (W m' + b)}
 * of the memory m at column x and row y, where m' is m and its position embedding. Keys of memories that lie nowhere
 * are not turned.
 *
 * <p>R turns half of the channels by x alone and the other half by y alone. So a score is
 *
 * <pre>q · R(x, y) (W m' + b) = (u(x) + v(y)) · m' + (a(x) + b(y))</pre>
 *
 * <p>with {@code u(x) = (R_x W)ᵀ q} over the first half of the channels, v over the second, and a and b likewise of the
 * bias: vectors as narrow as a memory, one for each column and one for each row of the grid. A score then costs as many
 * multiply-adds as a memory has columns, the sum of u and v is shared by all maps, and keys are neither projected nor
 * turned nor stored.
 */
public final class MapAttention {
    /** Columns of the grid in a block of keys: their vectors u stay in the second-level cache from row to row. */
    private static final int BLOCK_COLUMNS = 16;
    /** More would leave few places to a block of keys. */
    private static final int MOST_MAPS = Attention.KEY_BLOCK / 8;
    /** Floats of a cache line. */
    private static final int LINE = 16;
    /** Maps of the smallest tile. */
    private static final int LEAST_TILE = 4;

    private static final int SLOT_PACKED = 8;
    private static final int SLOT_TURNED = 9;
    private static final int SLOT_PLACELESS = 10;
    private static final int SLOT_SUMS = 11;
    private static final int SLOT_COLUMNS = 9;
    private static final int SLOT_ROWS = 10;
    private static final int INTS_ORDER = 0;

    private final Problem p;
    private final AttentionTiles tiles;
    private final GemmKernel kernel;
    private final Parallel parallel;
    private final int channels;
    private final int memory;
    private final int mapKeys;
    private final Blocks blocks;
    /** Layout of R_x W and R_x b: for each column of the grid {@code memory + 1} rows of half the channels. */
    private final RowTiles turned;
    /** Floats of u or v of a panel of queries. */
    private final int panelSize;

    /**
     * Operands.
     *
     * @param scale factor on every dot product
     * @param queries rows of q and out
     * @param side columns and rows of the grid
     * @param maps number of maps, each {@code side * side} memories, row by row of the grid
     * @param placeless memories behind the maps that lie nowhere
     * @param q (queries, channels), turned already
     * @param memories (maps * side * side + placeless, memory columns)
     * @param positions as many rows, added to the memories for the keys
     * @param key W (channels, memory columns)
     * @param keyBias b, one row
     * @param rotary (side * side, channels): cosine and sine of each pair of channels side by side. In the first half
     *     of the channels only the first row of the grid is read, in the second only the first column.
     * @param out (queries, memory columns)
     */
    public record Problem(
            float scale,
            int queries,
            int side,
            int maps,
            int placeless,
            Rows q,
            Rows memories,
            Rows positions,
            PackedWeights key,
            Rows keyBias,
            Rows rotary,
            Rows out) {}

    /** How the grid is cut into blocks of keys: strips of columns, cut into groups of rows. */
    private record Blocks(int side, int maps, int columns, int rows) {
        /** Blocks that leave room for the last tile of {@code tileRows}. */
        static Blocks of(int side, int maps, int tileRows) {
            int positions = (Attention.KEY_BLOCK - tileRows) / maps;
            int columns = Math.min(Math.min(side, BLOCK_COLUMNS), positions);
            return new Blocks(side, maps, columns, Math.min(side, positions / columns));
        }

        int count() {
            return (side + columns - 1) / columns * inStrip();
        }

        private int inStrip() {
            return (side + rows - 1) / rows;
        }

        int column(int block) {
            return block / inStrip() * columns;
        }

        int row(int block) {
            return block % inStrip() * rows;
        }

        int columns(int block) {
            return Math.min(columns, side - column(block));
        }

        int rows(int block) {
            return Math.min(rows, side - row(block));
        }

        /** Number of keys before a block. */
        int first(int block) {
            return (column(block) * side + columns(block) * row(block)) * maps;
        }

        int keys(int block) {
            return columns(block) * rows(block) * maps;
        }
    }

    private MapAttention(Problem problem, CpuKernels kernels, Parallel parallel) {
        this.p = problem;
        this.tiles = kernels.attention();
        this.kernel = kernels.gemm();
        this.parallel = parallel;
        this.channels = problem.key().out();
        this.memory = problem.key().in();
        this.mapKeys = problem.maps() * problem.side() * problem.side();
        this.blocks = Blocks.of(problem.side(), problem.maps(), kernel.sumTileRows());
        int rows = problem.side() * (memory + 1);
        this.turned = new RowTiles(kernel, rows, channels / 2);
        this.panelSize = Gemm.roundUp(rows, kernel.tileRows()) * kernel.panelWidth();
    }

    /**
     * Whether {@link #run} can be used and needs fewer operations than projecting the keys: u and v cost {@code side *
     * channels * memory} multiply-adds a query and scores {@code memory} a key, with as many maps as fill tiles.
     */
    public static boolean suits(int side, int maps, int channels, int memory) {
        int places = side * side;
        return maps > 0
                && maps <= MOST_MAPS
                && memory <= GemmKernel.SUM_STRIDE
                && channels % 4 == 0
                && channels / 2 <= GemmKernel.MAX_DEPTH
                && (side * channels + places * (Gemm.roundUp(maps, LEAST_TILE) + 1)) * memory
                        < places * maps * channels;
    }

    /** Computes the attention, where {@link #suits} says so. */
    public static void run(Problem problem, CpuKernels kernels, Parallel parallel) {
        new MapAttention(problem, kernels, parallel).run();
    }

    private void run() {
        parallel.forEach(1, (one, shared) -> {
            int tableSize = turned.size();
            float[] tables = shared.floats(SLOT_TURNED, 2 * tableSize);
            parallel.forEach(2 * p.side(), (task, scratch) -> {
                boolean second = task >= p.side();
                turn(second, task % p.side(), tables, second ? tableSize : 0);
            });
            AttentionProblem attention = attention(placelessKeys(shared));
            AttentionPacking packing = new AttentionPacking(attention, tiles, kernel);
            Packed packed = new Packed(packing, shared);
            parallel.forRange(p.queries(), Attention.QUERY_BLOCK, (from, to, scratch) -> {
                AttentionQueries queries =
                        new AttentionQueries(attention, tiles, kernel, packing, 0, 0, null, from, to - from, scratch);
                attend(queries, tables, packed, scratch);
                packed.addPlaceless(queries);
                queries.finish();
            });
        });
    }

    /** The attention as its parts see it: all keys there are in full are those of memories that lie nowhere. */
    private AttentionProblem attention(Rows placelessKeys) {
        return new AttentionProblem(
                1,
                1,
                channels,
                memory,
                p.scale(),
                p.queries(),
                mapKeys + p.placeless(),
                false,
                false,
                p.q(),
                placelessKeys,
                p.memories(),
                p.out(),
                null,
                null,
                null);
    }

    /** R_x W and R_x b for one column of the grid, or for one row and the second half of the channels. */
    private void turn(boolean second, int position, float[] table, int offset) {
        int half = channels / 2;
        int start = second ? half : 0;
        Rows rotary = p.rotary();
        float[] angles = rotary.data();
        int at = rotary.at(second ? position * p.side() : position) + start;
        float[] w = p.key().data();
        int width = kernel.panelWidth();
        for (int m = 0; m <= memory; m++) {
            int to = offset + turned.at(position * (memory + 1) + m, 0);
            for (int c = 0; c < half; c += 2) {
                int channel = start + c;
                float a;
                float b;
                if (m == memory) {
                    a = p.keyBias().data()[p.keyBias().at(0) + channel];
                    b = p.keyBias().data()[p.keyBias().at(0) + channel + 1];
                } else {
                    int from = p.key().position(channel / width, m) + channel % width;
                    a = w[from];
                    b = w[from + 1];
                }
                float cos = angles[at + c];
                float sin = angles[at + c + 1];
                table[to + c] = a * cos - b * sin;
                table[to + c + 1] = a * sin + b * cos;
            }
        }
    }

    private Rows placelessKeys(Scratch shared) {
        float[] keys = shared.floats(SLOT_PLACELESS, p.placeless() * channels);
        float[] sums = shared.floats(SLOT_SUMS, p.placeless() * memory);
        for (int i = 0; i < p.placeless(); i++) {
            sum(mapKeys + i, sums, i * memory);
        }
        GemmEpilogue bias = GemmEpilogue.of(p.keyBias().data(), p.keyBias().at(0), Pointwise.NONE);
        new Gemm(kernel, parallel).run(sums, 0, memory, p.placeless(), p.key(), bias, keys, 0, channels);
        return new Rows(keys, 0, channels);
    }

    /** A memory and its position embedding. */
    private void sum(int row, float[] to, int offset) {
        Rows memories = p.memories();
        Rows positions = p.positions();
        kernel.add(memories.data(), memories.at(row), positions.data(), positions.at(row), to, offset, memory);
    }

    /** Keys and values of the maps, block by block, and of the memories that lie nowhere. */
    private final class Packed {
        private final AttentionPacking packing;
        private final RowTiles placelessTiles;
        private final int valuesAt;
        private final int placelessAt;
        private final int placelessValuesAt;
        private final float[] data;

        Packed(AttentionPacking packing, Scratch shared) {
            this.packing = packing;
            placelessTiles = packing.keyTiles(p.placeless());
            valuesAt = (mapKeys + kernel.sumTileRows()) * GemmKernel.SUM_STRIDE;
            placelessAt = valuesAt + packing.valueSize(mapKeys);
            placelessValuesAt = placelessAt + placelessTiles.size();
            data = shared.floats(SLOT_PACKED, placelessValuesAt + packing.valueSize(p.placeless()));
            parallel.forEach(blocks.count(), this::pack);
            packPlaceless(shared);
        }

        int keysAt(int block) {
            return blocks.first(block) * GemmKernel.SUM_STRIDE;
        }

        int valuesAt(int block) {
            return valuesAt + packing.valueSize(blocks.first(block));
        }

        /** Packs a block, the keys of one place after those of another, maps side by side. */
        private void pack(int block, Scratch scratch) {
            int n = blocks.keys(block);
            int[] order = scratch.ints(INTS_ORDER, n);
            int i = 0;
            for (int y = blocks.row(block); y < blocks.row(block) + blocks.rows(block); y++) {
                for (int x = blocks.column(block); x < blocks.column(block) + blocks.columns(block); x++) {
                    for (int map = 0; map < p.maps(); map++, i++) {
                        order[i] = (map * p.side() + y) * p.side() + x;
                        sum(order[i], data, keysAt(block) + i * GemmKernel.SUM_STRIDE);
                    }
                }
            }
            packing.values(0, 0, order, 0, n, false, data, valuesAt(block));
        }

        /**
         * Reads one value of every cache line of a block's keys and values, many lines at the same time: the arithmetic
         * would wait for one after the other.
         *
         * @return a sum of what was read, which must be put somewhere lest the compiler leave the reading out
         */
        float fetch(int block) {
            int n = blocks.keys(block);
            float keys = fetch(keysAt(block), n * GemmKernel.SUM_STRIDE);
            return keys + fetch(valuesAt(block), packing.valueSize(n));
        }

        private float fetch(int offset, int n) {
            float sum0 = 0;
            float sum1 = 0;
            for (int i = offset; i < offset + n - LINE; i += 2 * LINE) {
                sum0 += data[i];
                sum1 += data[i + LINE];
            }
            return sum0 + sum1;
        }

        private void packPlaceless(Scratch shared) {
            packing.keys(0, 0, null, 0, p.placeless(), placelessTiles, 0, data, placelessAt);
            int[] rows = shared.ints(INTS_ORDER, p.placeless());
            for (int i = 0; i < p.placeless(); i++) {
                rows[i] = mapKeys + i;
            }
            for (int first = 0; first < p.placeless(); first += Attention.KEY_BLOCK) {
                int n = Math.min(Attention.KEY_BLOCK, p.placeless() - first);
                packing.values(0, 0, rows, first, n, false, data, placelessValuesAt + packing.valueSize(first));
            }
        }

        void addPlaceless(AttentionQueries queries) {
            for (int first = 0; first < p.placeless(); first += Attention.KEY_BLOCK) {
                int n = Math.min(Attention.KEY_BLOCK, p.placeless() - first);
                int at = placelessValuesAt + packing.valueSize(first);
                queries.accumulate(placelessTiles, first, n, data, placelessAt, at, 0);
            }
        }
    }

    /** Attends to all maps. */
    private void attend(AttentionQueries queries, float[] tables, Packed packed, Scratch scratch) {
        int panels = (queries.size() + kernel.panelWidth() - 1) / kernel.panelWidth();
        float[] u = scratch.floats(SLOT_COLUMNS, panels * panelSize);
        float[] v = scratch.floats(SLOT_ROWS, panels * panelSize);
        for (int panel = 0; panel < panels; panel++) {
            int at = panel * channels * kernel.panelWidth();
            project(tables, 0, queries.packed(), at, u, panel * panelSize);
            at += channels / 2 * kernel.panelWidth();
            project(tables, turned.size(), queries.packed(), at, v, panel * panelSize);
        }
        for (int block = 0; block < blocks.count(); block++) {
            queries.scores()[0] = packed.fetch(block);
            for (int panel = 0; panel < panels; panel++) {
                score(block, u, v, panel, packed, queries.scores());
            }
            queries.add(blocks.keys(block), packed.data, packed.valuesAt(block));
        }
    }

    /** u or v of a panel of queries, for each place one row after the other, the one of the bias last. */
    private void project(float[] table, int tableOffset, float[] q, int qOffset, float[] to, int toOffset) {
        int rows = p.side() * (memory + 1);
        int width = kernel.panelWidth();
        for (int row = 0; row < rows; row += kernel.tileRows()) {
            kernel.tile(
                    Math.min(kernel.tileRows(), rows - row),
                    table,
                    tableOffset + turned.at(row, 0),
                    q,
                    qOffset,
                    channels / 2,
                    Gemm.ZEROS,
                    0,
                    0,
                    to,
                    toOffset + row * width,
                    width);
        }
    }

    /** Scores of a block of keys and a panel of queries. */
    private void score(int block, float[] u, float[] v, int panel, Packed packed, float[] scores) {
        int width = kernel.panelWidth();
        int step = (memory + 1) * width;
        int maps = p.maps();
        int tileRows = kernel.sumTileRows();
        int uAt = panel * panelSize + blocks.column(block) * step;
        int vAt = panel * panelSize + blocks.row(block) * step;
        int key = packed.keysAt(block);
        int to = panel * width;
        for (int y = 0; y < blocks.rows(block); y++) {
            for (int x = 0; x < blocks.columns(block); x++) {
                for (int map = 0; map < maps; map += tileRows) {
                    int rows = Math.min(tileRows, maps - map);
                    int ux = uAt + x * step;
                    int vy = vAt + y * step;
                    kernel.sumTile(rows, packed.data, key, u, ux, v, vy, memory, scores, to, Attention.STRIDE);
                    key += rows * GemmKernel.SUM_STRIDE;
                    to += rows * Attention.STRIDE;
                }
            }
        }
    }
}
