package dev.sam2j.cpu.attention;

import static dev.sam2j.cpu.products.CpuMatrix.floats;
import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.PackedWeights;
import dev.sam2j.cpu.products.RowTiles;
import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.fused.AttendMaps;

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
 *
 * <p>A column of W as pairs of channels is a vector of complex numbers w, and so is q. Pair j turns by an angle of
 * {@code x θ_j}; counted from the middle c of the grid, the numbers z = (real part, imaginary part) of {@code q
 * conj(R_c w)} give the element of u
 *
 * <pre>u(c + d) = sum_j (Re z_j cos d θ_j + Im z_j sin d θ_j)</pre>
 *
 * <p>whose sums of cosines serve c - d as well, as do those of sines with the other sign.
 */
public final class CpuAttendMaps {
    /** Columns of the grid in a block of keys: their vectors u stay in the second-level cache from row to row. */
    private static final int BLOCK_COLUMNS = 16;
    /** More would leave few places to a block of keys. */
    private static final int MOST_MAPS = Attention.KEY_BLOCK / 8;
    /** Floats of a cache line. */
    private static final int LINE = 16;

    private static final int SLOT_PACKED = 8;
    private static final int SLOT_COLUMN_WAVES = 9;
    private static final int SLOT_COLUMN_WEIGHTS = 10;
    private static final int SLOT_ROW_WAVES = 11;
    private static final int SLOT_ROW_WEIGHTS = 12;
    private static final int SLOT_PLACELESS = 13;
    private static final int SLOT_SUMS = 14;
    // Those of the threads that take queries.
    private static final int SLOT_U = 8;
    private static final int SLOT_V = 9;
    private static final int SLOT_PAIRS = 10;
    private static final int SLOT_EVEN = 11;
    private static final int SLOT_ODD = 12;
    private static final int INTS_ORDER = 0;

    private final AttentionTiles tiles;
    private final GemmKernel kernel;
    private final RowKernels loops;
    private final Parallel parallel;
    private final int channels;
    private final int memory;
    private final AttentionSpec spec;
    private final int count;
    /** Columns and rows of the grid. */
    private final int side;

    private final int maps;
    private final int placeless;
    private final int mapKeys;
    private final Rows q;
    private final Rows memories;
    private final Rows positions;
    private final PackedWeights key;
    private final Rows keyBias;
    private final Epilogue bias;
    private final Rows rotary;
    private final Rows out;
    private final Blocks blocks;
    private final int middle;
    /** Layout of cosines, and of sines: a row for each distance from the middle, a column for each pair of channels. */
    private final RowTiles waves;
    /** Floats of u or v of a panel of queries. */
    private final int panelSize;

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

    private CpuAttendMaps(AttendMaps op, AttentionTiles tiles, GemmKernel kernel, RowKernels loops, Parallel parallel) {
        this.tiles = tiles;
        this.kernel = kernel;
        this.loops = loops;
        this.parallel = parallel;
        this.channels = op.key().out();
        this.memory = op.key().in();
        this.spec = op.spec();
        this.count = op.q().dim(1);
        this.side = side(op);
        this.maps = maps(op);
        this.placeless = op.placeless();
        this.mapKeys = op.placed();
        this.q = rows(op.q());
        this.memories = rows(op.memories());
        this.positions = rows(op.positions());
        this.key = floats(op.key().matrix());
        this.keyBias = rows(op.key().bias());
        this.bias = Epilogue.bias(op.key().bias());
        this.rotary = rows(op.rotary());
        this.out = rows(op.destination());
        this.blocks = Blocks.of(side, maps, kernel.sumTileRows());
        this.middle = side / 2;
        this.waves = new RowTiles(kernel, middle + 1, channels / 4);
        // One place more than there are: the furthest from the middle have no counterpart where the side is even.
        this.panelSize = (side + 1) * (memory + 1) * kernel.panelWidth();
    }

    private static int side(AttendMaps op) {
        return (int) Math.round(Math.sqrt(op.rotary().rows()));
    }

    private static int maps(AttendMaps op) {
        return op.placed() / op.rotary().rows();
    }

    /**
     * Whether the grid is square and this is faster than projecting the keys. Scores take {@code memory} multiply-adds
     * a key, with as many maps as fill tiles; u and v take {@code side * channels * memory / 2} a query, counted twice,
     * since they are short sums.
     */
    private static boolean suits(AttendMaps op) {
        int side = side(op);
        int maps = maps(op);
        int channels = op.q().cols();
        int memory = op.memories().cols();
        int places = side * side;
        return places == op.rotary().rows()
                && maps > 0
                && maps <= MOST_MAPS
                && memory <= GemmKernel.SUM_STRIDE
                && channels % 4 == 0
                && channels / 2 <= GemmKernel.MAX_DEPTH
                && (side * channels + places * (Gemm.roundUp(maps, GemmKernel.FEW_SUM_ROWS) + 1)) * memory
                        < places * maps * channels;
    }

    /**
     * Computes the attention if that is possible in this form, and faster.
     *
     * @return whether it did
     */
    public static boolean run(
            AttendMaps op, AttentionTiles tiles, GemmKernel kernel, RowKernels loops, Parallel parallel) {
        boolean suits = suits(op);
        if (suits) {
            new CpuAttendMaps(op, tiles, kernel, loops, parallel).run();
        }
        return suits;
    }

    private void run() {
        parallel.forEach(1, (one, shared) -> {
            Half columns = new Half(0, shared, SLOT_COLUMN_WAVES, SLOT_COLUMN_WEIGHTS);
            Half rows = new Half(1, shared, SLOT_ROW_WAVES, SLOT_ROW_WEIGHTS);
            AttentionProblem attention = attention(placelessKeys(shared));
            AttentionPacking packing = new AttentionPacking(attention, tiles, kernel);
            Packed packed = new Packed(packing, shared);
            parallel.forRange(count, Attention.QUERY_BLOCK, (from, to, scratch) -> {
                AttentionQueries queries =
                        new AttentionQueries(attention, tiles, kernel, packing, 0, 0, null, from, to - from, scratch);
                attend(queries, columns, rows, packed, scratch);
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
                spec.scale(),
                count,
                mapKeys + placeless,
                false,
                false,
                q,
                placelessKeys,
                memories,
                out,
                null,
                null);
    }

    /** What u, or v, is made of: one half of the channels. */
    private final class Half {
        private final int start;
        private final int pairs = channels / 4;
        /** Cosines, then sines. */
        private final float[] angles;
        /** For each column of a memory the pairs of W, turned to the middle of the grid; those of b behind them. */
        private final float[] weights;

        Half(int number, Scratch shared, int slotWaves, int slotWeights) {
            start = number * channels / 2;
            int step = number == 0 ? 1 : side;
            angles = shared.floats(slotWaves, 2 * waves.size());
            for (int d = 0; d <= middle; d++) {
                int from = rotary.at(d * step) + start;
                for (int pair = 0; pair < pairs; pair++) {
                    angles[waves.at(d, 0) + pair] = rotary.data()[from + 2 * pair];
                    angles[waves.size() + waves.at(d, 0) + pair] = rotary.data()[from + 2 * pair + 1];
                }
            }
            weights = shared.floats(slotWeights, (memory + 1) * 2 * pairs);
            int turn = rotary.at(middle * step) + start;
            for (int m = 0; m <= memory; m++) {
                for (int c = 0; c < 2 * pairs; c += 2) {
                    float cos = rotary.data()[turn + c];
                    float sin = rotary.data()[turn + c + 1];
                    float real = weight(start + c, m);
                    float imaginary = weight(start + c + 1, m);
                    weights[m * 2 * pairs + c] = real * cos - imaginary * sin;
                    weights[m * 2 * pairs + c + 1] = real * sin + imaginary * cos;
                }
            }
        }

        private float weight(int channel, int m) {
            if (m == memory) {
                return keyBias.data()[keyBias.offset() + channel];
            }
            int width = kernel.panelWidth();
            return key.data()[key.position(channel / width, m) + channel % width];
        }

        /** u or v of a panel of queries: for each place {@code memory + 1} rows, the one of the bias last. */
        void project(float[] q, int qOffset, float[] to, int toOffset, Scratch scratch) {
            int width = kernel.panelWidth();
            float[] z = scratch.floats(SLOT_PAIRS, 2 * pairs * width);
            int sums = Gemm.roundUp(middle + 1, kernel.tileRows()) * width;
            float[] even = scratch.floats(SLOT_EVEN, sums);
            float[] odd = scratch.floats(SLOT_ODD, sums);
            int step = (memory + 1) * width;
            for (int m = 0; m <= memory; m++) {
                kernel.pairProducts(q, qOffset + start * width, weights, m * 2 * pairs, pairs, z, 0);
                sum(0, z, 0, even);
                sum(waves.size(), z, pairs * width, odd);
                kernel.mirror(even, odd, middle + 1, to, toOffset + middle * step + m * width, step);
            }
        }

        /** Sums of waves at all distances from the middle. */
        private void sum(int anglesAt, float[] z, int zAt, float[] to) {
            int width = kernel.panelWidth();
            for (int d = 0; d <= middle; d += kernel.tileRows()) {
                int rows = Math.min(kernel.tileRows(), middle + 1 - d);
                int at = anglesAt + waves.at(d, 0);
                kernel.tile(rows, angles, at, z, zAt, pairs, Gemm.ZEROS, 0, 0, to, d * width, width);
            }
        }
    }

    private Rows placelessKeys(Scratch shared) {
        float[] keys = shared.floats(SLOT_PLACELESS, placeless * channels);
        float[] sums = shared.floats(SLOT_SUMS, placeless * memory);
        for (int i = 0; i < placeless; i++) {
            sum(mapKeys + i, sums, i * memory);
        }
        Rows result = new Rows(keys, 0, channels);
        new Gemm(kernel, loops, parallel).run(new Rows(sums, 0, memory), placeless, key, bias, result);
        return result;
    }

    /** A memory and its position embedding. */
    private void sum(int row, float[] to, int offset) {
        loops.add(memories.data(), memories.at(row), positions.data(), positions.at(row), to, offset, memory);
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
            placelessTiles = packing.keyTiles(placeless);
            valuesAt = (mapKeys + kernel.sumTileRows()) * GemmKernel.SUM_STRIDE;
            placelessAt = valuesAt + packing.valueSize(mapKeys);
            placelessValuesAt = placelessAt + placelessTiles.size();
            data = shared.floats(SLOT_PACKED, placelessValuesAt + packing.valueSize(placeless));
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
                    for (int map = 0; map < maps; map++, i++) {
                        order[i] = (map * side + y) * side + x;
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
            packing.keys(0, 0, null, 0, placeless, placelessTiles, 0, data, placelessAt);
            int[] rows = shared.ints(INTS_ORDER, placeless);
            for (int i = 0; i < placeless; i++) {
                rows[i] = mapKeys + i;
            }
            packing.allValues(0, 0, rows, placeless, placeless, data, placelessValuesAt);
        }

        void addPlaceless(AttentionQueries queries) {
            queries.accumulateAll(placelessTiles, placeless, data, placelessAt, placelessValuesAt, 0);
        }
    }

    /** Attends to all maps. */
    private void attend(AttentionQueries queries, Half columns, Half rows, Packed packed, Scratch scratch) {
        int panels = (queries.size() + kernel.panelWidth() - 1) / kernel.panelWidth();
        float[] u = scratch.floats(SLOT_U, panels * panelSize);
        float[] v = scratch.floats(SLOT_V, panels * panelSize);
        for (int panel = 0; panel < panels; panel++) {
            int at = panel * channels * kernel.panelWidth();
            columns.project(queries.packed(), at, u, panel * panelSize, scratch);
            rows.project(queries.packed(), at, v, panel * panelSize, scratch);
        }
        for (int block = 0; block < blocks.count(); block++) {
            queries.scores()[0] = packed.fetch(block);
            for (int panel = 0; panel < panels; panel++) {
                score(block, u, v, panel, packed, queries.scores());
            }
            queries.add(blocks.keys(block), packed.data, packed.valuesAt(block));
        }
    }

    /** Scores of a block of keys and a panel of queries. */
    private void score(int block, float[] u, float[] v, int panel, Packed packed, float[] scores) {
        int width = kernel.panelWidth();
        int step = (memory + 1) * width;
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
