package dev.sam2j.kernels.ptx;

import java.util.ArrayList;
import java.util.List;

/**
 * Decides which products with bfloat16 factors run in own kernels, with the epilogue in the same launch, and which in
 * the library with the epilogue after it. The thresholds come from measurements.
 */
public final class GemmPlanner {
    /** Tiles of {@link HopperGemmKernel}: warpgroups, row tiles, columns, stages, blocks. */
    static final List<int[]> TILES = List.of(
            new int[] {2, 1, 256, 4, 1},
            new int[] {2, 2, 128, 4, 1},
            new int[] {2, 1, 192, 4, 1},
            new int[] {2, 1, 144, 4, 1},
            new int[] {2, 1, 128, 3, 2},
            new int[] {2, 1, 112, 3, 2},
            new int[] {2, 1, 96, 4, 2},
            new int[] {1, 1, 192, 3, 2},
            new int[] {1, 1, 96, 4, 2});

    private static final int LEAST_ROWS = 1024;
    private static final int FEW_ROWS = 64;
    private static final String LIBRARY = "library";

    /** Every kernel for many rows that a plan may ask for. */
    static List<HopperGemmConfig> configs() {
        List<HopperGemmConfig> configs = new ArrayList<>();
        for (int[] tile : TILES) {
            for (PtxActivation activation : PtxActivation.values()) {
                for (ElementType out : ElementType.values()) {
                    configs.add(config(tile, activation, out));
                }
            }
        }
        return configs;
    }

    private static HopperGemmConfig config(int[] tile, PtxActivation activation, ElementType out) {
        return new HopperGemmConfig(tile[0], tile[1], tile[2], tile[3], tile[4], activation, out);
    }

    private final String choice;
    private final boolean hopper;
    private final int multiprocessors;

    /**
     * A planner for a device.
     *
     * @param choice {@code auto}; {@code library} for no own kernel; {@code own} for own kernels wherever they can; or
     *     a tile of the kernel for many rows, as {@link HopperGemmConfig#tile} writes it, for whatever it can
     * @param hopper whether the compute capability is 9.0
     */
    public GemmPlanner(String choice, boolean hopper, int multiprocessors) {
        this.choice = choice;
        this.hopper = hopper;
        this.multiprocessors = multiprocessors;
    }

    /**
     * The kernel for many rows that suits a product, or null if the library does. Columns and depth are multiples of 8.
     */
    public HopperGemmConfig tiles(int rows, int columns, int depth, PtxActivation activation, ElementType out) {
        if (!hopper || choice.equals(LIBRARY) || choice.equals("auto") && rows < LEAST_ROWS) {
            return null;
        }
        HopperGemmConfig best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int[] tile : TILES) {
            HopperGemmConfig config = config(tile, activation, out);
            if (config.tile().equals(choice)) {
                return config;
            }
            double cost = cost(config, rows, columns, depth);
            if (cost < least) {
                least = cost;
                best = config;
            }
        }
        return choice.equals("auto") || choice.equals("own") ? best : null;
    }

    /** Whether a product suits {@link FewRowsGemmKernel}. */
    public boolean fewRows(int rows) {
        return rows <= FEW_ROWS && !choice.equals(LIBRARY);
    }

    /**
     * Cycles of a multiprocessor, roughly: rounds of blocks, each limited by what it multiplies and what it loads.
     */
    private double cost(HopperGemmConfig config, int rows, int columns, int depth) {
        long slots = (long) multiprocessors * config.blocks();
        long rounds = (config.tiles(rows, columns) + slots - 1) / slots;
        int steps = (depth + HopperGemmConfig.DEPTH - 1) / HopperGemmConfig.DEPTH;
        double area = config.rows() * config.columns();
        double multiply = area / 32;
        double load = config.stageBytes() / 36.0;
        double epilogue = area / 6;
        return rounds * config.blocks() * (steps * Math.max(multiply, load) + epilogue);
    }
}
