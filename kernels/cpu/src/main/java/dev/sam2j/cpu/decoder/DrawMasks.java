package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.products.ConvTranspose2d;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.PackedWeights;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;

/**
 * Masks from an image embedding: two transposed convolutions with kernel 2 and stride 2, high-resolution features added
 * after each, layer norm and GELU after the first, GELU after the second, then the product of every pixel with the
 * filters of its prompt. A task takes a vector's worth of positions of the embedding through all steps, positions side
 * by side in the vectors, so that nothing of the enlarged pictures is ever stored but the masks; the features of these
 * positions are brought into that order once for all prompts.
 */
public final class DrawMasks {
    private static final int SLOT_IMAGE = 0;
    private static final int SLOT_HALF = 1;
    private static final int SLOT_FULL = 2;
    private static final int SLOT_HIGH1 = 3;
    private static final int SLOT_HIGH0 = 4;
    private static final int SLOT_MASKS = 5;
    private static final int SLOT_UP1 = 6;
    private static final int SLOT_UP2 = 7;
    private static final int SLOT_ROWS = 8;
    private static final int SLOT_PRODUCTS = 9;

    /** Positions that are transposed together; divides every panel's width. */
    private static final int TRANSPOSED = 8;

    private final Problem p;
    private final GemmKernel kernel;
    private final TokenLoops loops;
    private final LowRankLoops lowRankLoops;
    private final int width;
    private final float[] zeros;

    /**
     * Operands. Positions are those of the embedding's grid {@code h x w}; B is {@code batch}.
     *
     * @param filters masks per prompt
     * @param image (B * h * w, C), or null
     * @param lowRank the B images if they are of low rank: what the first layer makes of base and rows is combined
     * @param up1 rows (i, j, output channel) as in {@link ConvTranspose2d}, (4 * C1, C)
     * @param bias1 one row of C1 values
     * @param high1 features of the picture of twice the size, (2h * 2w, C1)
     * @param gamma of the norm after the first enlargement, one row of C1 values
     * @param beta of the norm, likewise
     * @param eps of the norm
     * @param up2 (4 * C2, C1)
     * @param bias2 one row of C2 values
     * @param high0 features of the picture of four times the size, (4h * 4w, C2)
     * @param filter (B * filters, C2)
     * @param out (B * filters, 4h * 4w)
     */
    public record Problem(
            int batch,
            int height,
            int width,
            int filters,
            Rows image,
            LowRankRows lowRank,
            PackedWeights up1,
            Rows bias1,
            Rows high1,
            Rows gamma,
            Rows beta,
            float eps,
            PackedWeights up2,
            Rows bias2,
            Rows high0,
            Rows filter,
            Rows out) {
        int channels1() {
            return up1.out() / 4;
        }

        int channels2() {
            return up2.out() / 4;
        }
    }

    private DrawMasks(Problem problem, CpuKernels kernels) {
        this.p = problem;
        this.kernel = kernels.gemm();
        this.loops = kernels.tokens();
        this.lowRankLoops = kernels.lowRank();
        this.width = kernel.panelWidth();
        this.zeros = new float[p.up1().in()];
    }

    /** Whether {@link #run} takes these channels: tiles must not reach over a cell of a convolution. */
    public static boolean suits(GemmKernel kernel, PackedWeights up1, PackedWeights up2) {
        int step = kernel.columnTileRows();
        return up1.out() / 4 % step == 0 && up2.out() / 4 % step == 0;
    }

    /** Draws the masks. */
    public static void run(Problem problem, CpuKernels kernels, Parallel parallel) {
        new DrawMasks(problem, kernels).run(parallel);
    }

    private void run(Parallel parallel) {
        PackedWeights base = p.lowRank() == null ? null : p.lowRank().base().project(p.up1());
        float[] addends = addends();
        parallel.forEach(1, (one, shared) -> {
            float[] up1 = p.lowRank() == null
                    ? tiles(p.up1(), shared, SLOT_UP1, parallel)
                    : projectedRows(shared, SLOT_UP1, parallel);
            float[] up2 = tiles(p.up2(), shared, SLOT_UP2, parallel);
            int positions = p.height() * p.width();
            parallel.forRange(
                    positions, width, (from, to, scratch) -> block(from, to, base, addends, up1, up2, scratch));
        });
    }

    /** What is added to all pixels after the first layer: its bias, and what it makes of a constant in the image. */
    private float[] addends() {
        float[] result = new float[p.up1().out()];
        Rows zero = new Rows(result, 0, 0);
        if (p.lowRank() != null) {
            result = LowRankTokens.projected(kernel, p.up1(), p.lowRank().constant(), zero);
        }
        for (int c = 0; c < p.up1().out(); c++) {
            result[c] += p.bias1().data()[p.bias1().offset() + c % p.channels1()];
        }
        return result;
    }

    /** What the first layer makes of the rows of each prompt, in the order of {@link #tiles}. */
    private float[] projectedRows(Scratch shared, int slot, Parallel parallel) {
        int step = kernel.columnTileRows();
        int rank = p.lowRank().rank();
        int out = p.up1().out();
        float[] result = shared.floats(slot, p.batch() * rank * out);
        parallel.forEach(p.batch(), (prompt, scratch) -> {
            float[] rows = scratch.floats(SLOT_ROWS, LowRankTokens.rowsSize(kernel, rank));
            float[] products = scratch.floats(SLOT_PRODUCTS, LowRankTokens.rowsSize(kernel, rank));
            LowRankTokens.spread(
                    p.lowRank().rows(),
                    prompt * p.lowRank().capacity(),
                    rank,
                    p.up1().in(),
                    rows);
            LowRankTokens.multiply(kernel, rows, rank, p.up1(), products, GemmKernel.ROW_STRIDE);
            for (int tile = 0; tile < out / step; tile++) {
                int to = (prompt * out + tile * step) * rank;
                for (int r = 0; r < rank; r++) {
                    int from = r * GemmKernel.ROW_STRIDE + tile * step;
                    System.arraycopy(products, from, result, to + r * step, step);
                }
            }
        });
        return result;
    }

    /**
     * Weights in the order in which {@link GemmKernel#columnTile} reads them, without gaps: a tile of each row of a
     * panel would touch twice as many cache lines, half the cache's sets apart.
     */
    private float[] tiles(PackedWeights w, Scratch shared, int slot, Parallel parallel) {
        int step = kernel.columnTileRows();
        int size = w.in() * step;
        int tiles = w.out() / step;
        float[] result = shared.floats(slot, tiles * size);
        parallel.forRange(tiles, width / step, (first, end, scratch) -> {
            for (int tile = first; tile < end; tile++) {
                int row = tile * step;
                int from = w.position(row / width, 0) + row % width;
                for (int k = 0; k < w.in(); k++) {
                    System.arraycopy(w.data(), from + k * width, result, tile * size + k * step, step);
                }
            }
        });
        return result;
    }

    private void block(
            int from, int to, PackedWeights base, float[] addends, float[] up1, float[] up2, Scratch scratch) {
        int c1 = p.channels1();
        int c2 = p.channels2();
        float[] high1 = scratch.floats(SLOT_HIGH1, 4 * c1 * width);
        float[] high0 = scratch.floats(SLOT_HIGH0, 16 * c2 * width);
        gather(p.high1(), addends, 0, c1, 2, from, to, c1, high1);
        gather(p.high0(), p.bias2().data(), p.bias2().offset(), 0, 4, from, to, c2, high0);
        float[] masks = scratch.floats(SLOT_MASKS, 16 * p.filters() * width);
        for (int prompt = 0; prompt < p.batch(); prompt++) {
            draw(prompt, from, to, base, up1, up2, high1, high0, masks, scratch);
            scatter(prompt, from, to, masks);
        }
    }

    /**
     * Features plus addends of the {@code scale x scale} pixels of each position: rows (i1, j1, i0, j0, channel) of
     * positions, where the first pair of indices is that of the first enlargement.
     *
     * @param step from the addends of a cell to those of the next
     */
    private void gather(
            Rows features,
            float[] addends,
            int atAddends,
            int step,
            int scale,
            int from,
            int to,
            int channels,
            float[] result) {
        int[] lanes = new int[width];
        for (int cell = 0; cell < scale * scale; cell++) {
            for (int lane = 0; lane < width; lane++) {
                int position = Math.min(from + lane, to - 1);
                lanes[lane] = features.at(pixel(position / p.width(), position % p.width(), scale, cell));
            }
            int addend = atAddends + cell * step;
            transpose(features.data(), lanes, addends, addend, channels, result, cell * channels * width);
        }
    }

    /** Rows of {@code x}, which start at {@code lanes}, side by side, plus an addend for each of their values. */
    private void transpose(
            float[] x, int[] lanes, float[] addends, int atAddends, int channels, float[] result, int to) {
        for (int lane = 0; lane < width; lane += TRANSPOSED) {
            transpose8(x, lanes, lane, addends, atAddends, channels, result, to + lane, width);
        }
    }

    private static void transpose8(
            float[] x,
            int[] lanes,
            int lane,
            float[] addends,
            int atAddends,
            int channels,
            float[] result,
            int to,
            int stride) {
        int x0 = lanes[lane];
        int x1 = lanes[lane + 1];
        int x2 = lanes[lane + 2];
        int x3 = lanes[lane + 3];
        int x4 = lanes[lane + 4];
        int x5 = lanes[lane + 5];
        int x6 = lanes[lane + 6];
        int x7 = lanes[lane + 7];
        for (int c = 0; c < channels; c++, to += stride) {
            float addend = addends[atAddends + c];
            result[to] = x[x0 + c] + addend;
            result[to + 1] = x[x1 + c] + addend;
            result[to + 2] = x[x2 + c] + addend;
            result[to + 3] = x[x3 + c] + addend;
            result[to + 4] = x[x4 + c] + addend;
            result[to + 5] = x[x5 + c] + addend;
            result[to + 6] = x[x6 + c] + addend;
            result[to + 7] = x[x7 + c] + addend;
        }
    }

    /** Raster index of a cell of a position: (i1, j1) or (i1, j1, i0, j0), two bits each. */
    private int pixel(int y, int x, int scale, int cell) {
        int line = scale * y;
        int column = scale * x;
        if (scale == 2) {
            line += cell >> 1;
            column += cell & 1;
        } else {
            line += (cell >> 3 << 1) + (cell >> 1 & 1);
            column += (cell >> 2 & 1) * 2 + (cell & 1);
        }
        return line * scale * p.width() + column;
    }

    /** Masks of one prompt: rows (i1, j1, i0, j0, filter) of positions. */
    private void draw(
            int prompt,
            int from,
            int to,
            PackedWeights base,
            float[] up1,
            float[] up2,
            float[] high1,
            float[] high0,
            float[] masks,
            Scratch scratch) {
        int c1 = p.channels1();
        int c2 = p.channels2();
        boolean lowRank = p.lowRank() != null;
        float[] image = lowRank
                ? p.lowRank().coefficients()
                : scratch.floats(SLOT_IMAGE, p.up1().in() * width);
        float[] half = scratch.floats(SLOT_HALF, (c1 + 2) * width);
        float[] full = scratch.floats(SLOT_FULL, c2 * width);
        if (!lowRank) {
            gatherImage(prompt, from, to, image);
        }
        for (int cell = 0; cell < 4; cell++) {
            if (lowRank) {
                combine(prompt, from / width, cell, base, up1, high1, half);
            } else {
                multiply(up1, 0, p.up1().in(), cell * c1, c1, image, 0, high1, cell * c1 * width, half);
            }
            loops.normGeluColumns(
                    half,
                    0,
                    c1,
                    width,
                    p.gamma().data(),
                    p.gamma().offset(),
                    p.beta().data(),
                    p.beta().offset(),
                    p.eps());
            for (int inner = 0; inner < 4; inner++) {
                int at = 4 * cell + inner;
                multiply(up2, 0, c1, inner * c2, c2, half, 0, high0, at * c2 * width, full);
                loops.filterGelu(
                        full,
                        0,
                        c2,
                        width,
                        p.filter().data(),
                        p.filter().at(prompt * p.filters()),
                        p.filter().stride(),
                        p.filters(),
                        masks,
                        at * p.filters() * width,
                        width);
            }
        }
    }

    /** A cell of a panel of positions after the first layer, from the layer's products with base and rows. */
    private void combine(
            int prompt, int panel, int cell, PackedWeights base, float[] rows, float[] high1, float[] half) {
        LowRankRows x = p.lowRank();
        int rank = x.rank();
        int c1 = p.channels1();
        int rowsAt = prompt * rank * p.up1().out();
        int start = base.position(panel, cell * c1);
        multiply(
                rows,
                rowsAt,
                rank,
                cell * c1,
                c1,
                x.coefficients(),
                x.coefficientsAt(prompt, panel),
                base.data(),
                start,
                half);
        int scaleAt = x.scaleAt(prompt, panel);
        lowRankLoops.scaleAndAdd(half, 0, c1, width, x.scale(), scaleAt, high1, cell * c1 * width);
    }

    /** {@code y = w[first...first + rows] x + start}, positions side by side; {@code w} as {@link #tiles} made it. */
    private void multiply(
            float[] w,
            int wAt,
            int depth,
            int first,
            int rows,
            float[] x,
            int xAt,
            float[] start,
            int startAt,
            float[] y) {
        int step = kernel.columnTileRows();
        for (int r = 0; r < rows; r += step) {
            int at = wAt + (first + r) * depth;
            kernel.columnTile(step, w, at, step, x, xAt, depth, start, startAt + r * width, y, r * width);
        }
    }

    /** Embeddings of the block's positions, (channel, position); the last stands in for those that do not exist. */
    private void gatherImage(int prompt, int from, int to, float[] result) {
        int[] lanes = new int[width];
        int base = prompt * p.height() * p.width();
        for (int lane = 0; lane < width; lane++) {
            lanes[lane] = p.image().at(base + Math.min(from + lane, to - 1));
        }
        transpose(p.image().data(), lanes, zeros, 0, p.up1().in(), result, 0);
    }

    private void scatter(int prompt, int from, int to, float[] masks) {
        int position = from;
        while (position < to) {
            int x = position % p.width();
            int run = Math.min(to - position, p.width() - x);
            for (int filter = 0; filter < p.filters(); filter++) {
                int out = p.out().at(prompt * p.filters() + filter);
                for (int line = 0; line < 4; line++) {
                    // The first of four pixels side by side: those of cells 0 and 1, then of the right half's.
                    int cell = (line >> 1) * 8 + (line & 1) * 2;
                    int source = (cell * p.filters() + filter) * width + position - from;
                    int pixel = pixel(position / p.width(), x, 4, cell);
                    interleave(masks, source, p.filters() * width, run, p.out().data(), out + pixel);
                }
            }
            position += run;
        }
    }

    /** Pixels of cells 0, 1, 4 and 5 of each position; cells are {@code stride} apart. */
    private static void interleave(float[] masks, int at, int stride, int run, float[] out, int to) {
        int second = at + stride;
        int third = at + 4 * stride;
        int fourth = at + 5 * stride;
        for (int i = 0; i < run; i++, to += 4) {
            out[to] = masks[at + i];
            out[to + 1] = masks[second + i];
            out[to + 2] = masks[third + i];
            out[to + 3] = masks[fourth + i];
        }
    }
}
