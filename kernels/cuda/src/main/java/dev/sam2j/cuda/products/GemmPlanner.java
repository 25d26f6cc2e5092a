package dev.sam2j.cuda.products;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides which products with factors of two bytes run in own kernels, with the epilogue in the same launch, and which
 * in the library with the epilogue after it. The thresholds come from measurements.
 */
public final class GemmPlanner {
    /** Tiles of {@link HopperGemmKernel}: warpgroups, row tiles, columns, stages, blocks. */
    static final int[][] TILES = {
        {3, 1, 192, 4, 1},
        {2, 2, 144, 4, 1},
        {2, 1, 128, 3, 2},
        {2, 1, 96, 4, 2}
    };

    private static final String AUTO = "auto";
    private static final String OWN = "own";
    private static final String LIBRARY = "library";
    private static final int FEW_ROWS = 64;
    /** Below, the tiles are too few for a device. */
    private static final int LEAST_ROWS = 4096;
    /** Beyond, the library's traffic between multiprocessors counts for more than the epilogue. */
    private static final int MOST_DEPTH = 256;
    /** Bytes per cycle that reach a multiprocessor while all load. */
    private static final double LOADED_PER_CYCLE = 29;
    /** Products per cycle of a multiprocessor. */
    private static final double MULTIPLIED_PER_CYCLE = 2048;
    /** Results per cycle that a multiprocessor finishes and stores. */
    private static final double FINISHED_PER_CYCLE = 6;
    /** Of two blocks on a multiprocessor one multiplies while the other finishes. */
    private static final double SHARED = 0.8;

    private final String choice;
    private final boolean hopper;
    private final int multiprocessors;

    /**
     * A planner for a device.
     *
     * @param choice {@code auto}; {@code library} for no own kernel; {@code own} for own kernels wherever they can; or
     *     one of {@link #tileNames} for that tile wherever it can and few rows as in {@code own}
     * @param hopper whether the compute capability is 9.0
     */
    public GemmPlanner(String choice, boolean hopper, int multiprocessors) {
        if (!List.of(AUTO, OWN, LIBRARY).contains(choice) && !tileNames().contains(choice)) {
            throw new IllegalArgumentException(
                    "products: expected auto, own, library or one of " + tileNames() + ", got " + choice);
        }
        this.choice = choice;
        this.hopper = hopper;
        this.multiprocessors = multiprocessors;
    }

    /** Names of the tiles of {@link HopperGemmKernel} to choose from. */
    public static List<String> tileNames() {
        List<String> names = new ArrayList<>();
        for (int[] tile : TILES) {
            names.add(config(DType.BF16, tile, Activation.NONE, DType.BF16).tile());
        }
        return names;
    }

    /** Whether there are kernels for an epilogue; the models have no others with many rows. */
    static boolean exists(Activation activation, DType out) {
        return out.isHalf() ? activation != Activation.SIGMOID : activation == Activation.NONE;
    }

    static HopperGemmConfig config(DType factors, int[] tile, Activation activation, DType out) {
        return new HopperGemmConfig(factors, tile[0], tile[1], tile[2], tile[3], tile[4], activation, out);
    }

    /**
     * The kernel for many rows that suits a product, or null if the library does. Columns and depth are multiples of 8.
     */
    public HopperGemmConfig tiles(DType factors, int rows, int columns, int depth, Activation activation, DType out) {
        boolean unsuited = rows < LEAST_ROWS || depth > MOST_DEPTH;
        if (!hopper || choice.equals(LIBRARY) || !exists(activation, out) || choice.equals(AUTO) && unsuited) {
            return null;
        }
        HopperGemmConfig best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int[] tile : TILES) {
            HopperGemmConfig config = config(factors, tile, activation, out);
            if (config.tile().equals(choice)) {
                return config;
            }
            double cost = cycles(config, rows, columns, depth);
            if (cost < least) {
                least = cost;
                best = config;
            }
        }
        return best;
    }

    /** Whether a device is busy enough with so many rows that their bytes count more than launches. */
    public static boolean manyRows(int rows) {
        return rows >= LEAST_ROWS;
    }

    /** Whether a product suits {@link FewRowsGemmKernel}. */
    public boolean fewRows(int rows) {
        return rows <= FEW_ROWS && !choice.equals(LIBRARY);
    }

    /** Cycles, roughly: rounds of tiles, each limited by what it multiplies or what it loads, and their epilogues. */
    private double cycles(HopperGemmConfig config, int rows, int columns, int depth) {
        long slots = (long) multiprocessors * config.blocks();
        long rounds = (config.tiles(rows, columns) + slots - 1) / slots;
        int steps = (depth + HopperGemmConfig.DEPTH - 1) / HopperGemmConfig.DEPTH;
        double area = (double) config.rows() * config.columns();
        double multiply = area * HopperGemmConfig.DEPTH / MULTIPLIED_PER_CYCLE;
        double load = config.stageBytes() / LOADED_PER_CYCLE;
        double share = config.blocks() > 1 ? SHARED : 1;
        return rounds * config.blocks() * share * (steps * Math.max(multiply, load) + area / FINISHED_PER_CYCLE);
    }
}
