package dev.sam2j.cuda.device;

/**
 * Sizes and switches of the backend.
 *
 * @param weightsChunk bytes asked from the device at a time for weights
 * @param tensorsChunk bytes asked from the device at a time for tensors
 * @param scratchChunk bytes asked from the device at a time for intermediate results of one operation
 * @param intermediateLimit bytes of an intermediate result from which operations work batch entry by batch entry
 * @param stagingSlots pieces of page-locked memory for copies
 * @param stagingBytes size of each
 * @param graphs whether sections are recorded and repeated
 * @param maxGraphs recordings kept; the one not used for longest goes first
 * @param forks whether work may run beside other work, on a stream of its own
 * @param products which products run in own kernels, see {@link dev.sam2j.cuda.products.GemmPlanner}
 */
public record CudaSettings(
        long weightsChunk,
        long tensorsChunk,
        long scratchChunk,
        long intermediateLimit,
        int stagingSlots,
        int stagingBytes,
        boolean graphs,
        int maxGraphs,
        boolean forks,
        String products) {
    /** System property that switches recordings off: {@code false}. */
    static final String GRAPHS_PROPERTY = "dev.sam2j.cuda.graphs";

    /** System property that keeps all work in one order: {@code false}. */
    static final String FORKS_PROPERTY = "dev.sam2j.cuda.forks";

    /** System property that chooses kernels for products: {@code auto}, {@code library}, {@code own} or a tile. */
    static final String PRODUCTS_PROPERTY = "dev.sam2j.cuda.products";

    private static final long MIB = 1 << 20;

    /** The settings for real devices. */
    public static CudaSettings standard() {
        boolean graphs = Boolean.parseBoolean(System.getProperty(GRAPHS_PROPERTY, "true"));
        boolean forks = Boolean.parseBoolean(System.getProperty(FORKS_PROPERTY, "true"));
        String products = System.getProperty(PRODUCTS_PROPERTY, "auto");
        return new CudaSettings(64 * MIB, 32 * MIB, 64 * MIB, 256 * MIB, 4, 4 << 20, graphs, 64, forks, products);
    }
}
