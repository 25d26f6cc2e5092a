package dev.sam2j.cuda.products;

import dev.sam2j.cuda.ptx.ElementPosition;
import dev.sam2j.cuda.ptx.Halves;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;

/**
 * {@code y = residual + scale * activation(x wᵀ + bias)} for few rows, where a launch costs more than the arithmetic:
 * one kernel, and many small blocks so that the weights are fetched by many multiprocessors at once. A block makes 16
 * rows of 8 columns; its warps share the depth and add their parts in shared memory.
 *
 * <p>Factors go from global memory to the registers of {@code mma.sync}, 16 bytes a lane. The eight elements of a lane
 * are adjacent, unlike those of a fragment, but so in both factors, and the order of a sum does not matter.
 *
 * <p>Rows of x (rows, depth) and w (columns, depth) start at multiples of 16 bytes, depth is a multiple of 8. {@code
 * out} may be {@code residual} if all its rows are used once.
 *
 * @param factors half type of x and w
 * @param type of residual and out
 */
record FewRowsGemmKernel(DType factors, DType type) implements PtxSource {
    private static final int WARPS = 8;
    private static final int TILE_ROWS = 16;
    private static final int TILE_COLUMNS = 8;
    private static final int TILE = TILE_ROWS * TILE_COLUMNS;
    /** Depth that a warp takes at a time: 8 elements for each of four lanes. */
    private static final int STEP = 32;
    /** Steps whose loads are under way together. */
    private static final int UNROLLED = 4;

    /** The grid for a result. */
    static PtxKernel.Grid grid(int rows, int columns) {
        return new PtxKernel.Grid((columns + TILE_COLUMNS - 1) / TILE_COLUMNS, (rows + TILE_ROWS - 1) / TILE_ROWS, 1);
    }

    @Override
    public PtxKernel write() {
        PtxWriter w = new PtxWriter(
                "gemm_few_rows_" + factors.label() + "_" + type.label(),
                WARPS * PtxWriter.WARP,
                "residual + scale * activation(x w^T + bias), 16 rows and 8 columns per block.");
        PtxMatrix x = PtxMatrix.parameter(w, "x", factors);
        PtxMatrix weights = PtxMatrix.parameter(w, "w", factors);
        CudaEpilogue.Operands operands = CudaEpilogue.Operands.parameters(w, type);
        PtxMatrix y = PtxMatrix.parameter(w, "out", type);
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        String depth = w.integer("depth");
        String activation = w.integer("activation");
        String shared = w.shared(WARPS * TILE * 4);

        String thread = w.i("mov.u32", "%tid.x");
        String lane = w.i("and.b32", thread, 31);
        String warp = w.i("shr.u32", thread, 5);
        String group = w.i("shr.u32", lane, 2);
        String chunk = w.i("shl.b32", w.i("and.b32", lane, 3), 3);
        String firstRow = w.i("shl.b32", w.i("mov.u32", "%ctaid.y"), 4);
        String firstColumn = w.i("shl.b32", w.i("mov.u32", "%ctaid.x"), 3);
        String upper = w.i("add.s32", firstRow, group);
        String lower = w.i("add.s32", upper, TILE_ROWS / 2);
        String column = w.i("add.s32", firstColumn, group);
        String start = w.i("mad.lo.s32", warp, STEP, chunk);
        Source[] sources = {
            new Source(x.at(upper, start), w.p("setp.lt.s32", upper, rows)),
            new Source(x.at(lower, start), w.p("setp.lt.s32", lower, rows)),
            new Source(weights.at(column, start), w.p("setp.lt.s32", column, columns))
        };
        String[] sums = w.zeros(4);
        // All lanes of a warp take the same steps: mma needs them together.
        w.loop(w.i("mul.lo.s32", warp, STEP), depth, WARPS * STEP * UNROLLED, at -> {
            String position = w.i("add.s32", at, chunk);
            String[][][] loaded = new String[UNROLLED][][];
            for (int step = 0; step < UNROLLED; step++) {
                String inside = w.p("setp.lt.s32", w.i("add.s32", position, step * WARPS * STEP), depth);
                loaded[step] = load(w, sources, inside, 2 * step * WARPS * STEP);
            }
            for (String[][] factor : loaded) {
                for (int half = 0; half < 4; half += 2) {
                    w.op(
                            "mma.sync.aligned.m16n8k16.row.col." + Halves.product(factors) + ".f32",
                            PtxWriter.list(sums),
                            PtxWriter.list(factor[0][half], factor[1][half], factor[0][half + 1], factor[1][half + 1]),
                            PtxWriter.list(factor[2][half], factor[2][half + 1]),
                            PtxWriter.list(sums));
                }
            }
            for (Source source : sources) {
                w.op("add.s64", source.address, source.address, 2 * WARPS * STEP * UNROLLED);
            }
        });

        // lane 4g + t has (g, 2t), (g, 2t + 1) and the same columns 8 rows below
        String mine = w.i("mad.lo.s32", thread, 8, w.i("mad.lo.s32", warp, TILE * 4 - 8 * PtxWriter.WARP, shared));
        w.op("st.shared.v2.f32", "[" + mine + "]", PtxWriter.list(sums[0], sums[1]));
        w.op("st.shared.v2.f32", "[" + mine + "+" + TILE * 2 + "]", PtxWriter.list(sums[2], sums[3]));
        w.op("bar.sync", 0);
        w.when(w.p("setp.ge.s32", thread, TILE), () -> w.bare("ret"));
        String part = w.i("mad.lo.s32", thread, 4, shared);
        String sum = w.f("ld.shared.f32", "[" + part + "]");
        for (int i = 1; i < WARPS; i++) {
            w.op("add.f32", sum, sum, w.f("ld.shared.f32", "[" + part + "+" + i * TILE * 4 + "]"));
        }
        String row = w.i("add.s32", firstRow, w.i("shr.u32", thread, 3));
        String outColumn = w.i("add.s32", firstColumn, w.i("and.b32", thread, 7));
        w.exitFrom(row, rows);
        w.exitFrom(outColumn, columns);
        ElementPosition at = new ElementPosition(row, outColumn, 1);
        operands.apply(w, new String[] {sum}, activation, at);
        y.store(at, sum);
        return w.build();
    }

    /** Where a lane's elements of one factor lie, and whether their row exists. */
    private record Source(String address, String exists) {}

    /** Eight elements of each factor, or zeros. */
    private static String[][] load(PtxWriter w, Source[] sources, String inside, int offset) {
        String[][] factors = new String[sources.length][4];
        for (int i = 0; i < sources.length; i++) {
            Source source = sources[i];
            String[] words = factors[i];
            for (int j = 0; j < words.length; j++) {
                words[j] = w.i("mov.u32", 0);
            }
            w.when(
                    w.p("and.pred", source.exists, inside),
                    () -> w.op("ld.global.v4.b32", PtxWriter.list(words), "[" + source.address + "+" + offset + "]"));
        }
        return factors;
    }
}
