package dev.sam2j.cpu.decoder;

import static dev.sam2j.cpu.products.CpuMatrix.floats;
import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.CpuKernels;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.PackedWeights;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.cpu.runtime.Scratch;
import dev.sam2j.tensor.fused.DenseImages;
import dev.sam2j.tensor.fused.DrawMasks;
import dev.sam2j.tensor.fused.MaskUpscaling;

/**
 * Masks from an image embedding: two transposed convolutions with kernel 2 and stride 2, high-resolution features added
 * after each, layer norm and GELU after the first, GELU after the second, then the product of every pixel with the
 * filters of its prompt. A task takes a vector's worth of positions of the embedding through all steps, positions side
 * by side in the vectors, so that nothing of the enlarged pictures is ever stored but the masks; the features of these
 * positions are brought into that order once for all prompts.
 */
public final class CpuDrawMasks {
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

    private final int batch;
    private final int gridHeight;
    private final int gridWidth;
    /** (batch * positions, channels), or null. */
    private final Rows embeddings;
    /** The images if they are of low rank: what the first layer makes of base and rows is combined. */
    private final LowRankImages lowRank;

    private final PackedWeights weights1;
    private final Rows bias1;
    private final int channels1;
    private final Rows highRes1;
    private final Rows gamma;
    private final Rows beta;
    private final float eps;
    private final PackedWeights weights2;
    private final Rows bias2;
    private final int channels2;
    private final Rows highRes0;
    /** Masks of a prompt. */
    private final int filters;

    private final Rows filterRows;
    private final Rows destination;
    private final GemmKernel kernel;
    private final TokenLoops loops;
    private final LowRankLoops lowRankLoops;
    private final int width;
    private final float[] zeros;

    private CpuDrawMasks(DrawMasks op, CpuKernels kernels) {
        MaskUpscaling layers = op.layers();
        this.batch = op.images().batch();
        this.gridHeight = op.height();
        this.gridWidth = op.width();
        this.lowRank = op.images() instanceof LowRankImages images ? images : null;
        this.embeddings = op.images() instanceof DenseImages images ? rows(images.x()) : null;
        this.weights1 = floats(layers.up1().matrix());
        this.bias1 = rows(layers.up1().bias());
        this.channels1 = layers.channels1();
        this.highRes1 = rows(op.highRes1());
        this.gamma = rows(layers.norm().gamma());
        this.beta = rows(layers.norm().beta());
        this.eps = layers.norm().eps();
        this.weights2 = floats(layers.up2().matrix());
        this.bias2 = rows(layers.up2().bias());
        this.channels2 = layers.channels2();
        this.highRes0 = rows(op.highRes0());
        this.filters = op.filters().dim(1);
        this.filterRows = rows(op.filters());
        this.destination = rows(op.destination());
        this.kernel = kernels.gemm();
        this.loops = kernels.tokens();
        this.lowRankLoops = kernels.lowRank();
        this.width = kernel.panelWidth();
        this.zeros = new float[weights1.in()];
    }

    /**
     * Draws the masks if these channels allow it: tiles must not reach over a cell of a convolution.
     *
     * @return whether it did
     */
    public static boolean run(DrawMasks op, CpuKernels kernels, Parallel parallel) {
        int step = kernels.gemm().columnTileRows();
        boolean suits = op.layers().channels1() % step == 0 && op.layers().channels2() % step == 0;
        if (suits) {
            new CpuDrawMasks(op, kernels).run(parallel);
        }
        return suits;
    }

    private void run(Parallel parallel) {
        PackedWeights base = lowRank == null ? null : lowRank.base().project(weights1);
        float[] addends = addends();
        parallel.forEach(1, (one, shared) -> {
            float[] up1 = lowRank == null
                    ? tiles(weights1, shared, SLOT_UP1, parallel)
                    : projectedRows(shared, SLOT_UP1, parallel);
            float[] up2 = tiles(weights2, shared, SLOT_UP2, parallel);
            int positions = gridHeight * gridWidth;
            parallel.forRange(
                    positions, width, (from, to, scratch) -> block(from, to, base, addends, up1, up2, scratch));
        });
    }

    /** What is added to all pixels after the first layer: its bias, and what it makes of a constant in the image. */
    private float[] addends() {
        float[] result = new float[weights1.out()];
        Rows zero = new Rows(result, 0, 0);
        if (lowRank != null) {
            result = LowRankTokens.projected(kernel, weights1, lowRank.constant(), zero);
        }
        for (int c = 0; c < weights1.out(); c++) {
            result[c] += bias1.data()[bias1.offset() + c % channels1];
        }
        return result;
    }

    /** What the first layer makes of the rows of each prompt, in the order of {@link #tiles}. */
    private float[] projectedRows(Scratch shared, int slot, Parallel parallel) {
        int step = kernel.columnTileRows();
        int rank = lowRank.rank();
        int out = weights1.out();
        float[] result = shared.floats(slot, batch * rank * out);
        parallel.forEach(batch, (prompt, scratch) -> {
            float[] rows = scratch.floats(SLOT_ROWS, LowRankTokens.rowsSize(kernel, rank));
            float[] products = scratch.floats(SLOT_PRODUCTS, LowRankTokens.rowsSize(kernel, rank));
            LowRankTokens.spread(lowRank.rows(), prompt * lowRank.capacity(), rank, weights1.in(), rows);
            LowRankTokens.multiply(kernel, rows, rank, weights1, products, GemmKernel.ROW_STRIDE);
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
        float[] high1 = scratch.floats(SLOT_HIGH1, 4 * channels1 * width);
        float[] high0 = scratch.floats(SLOT_HIGH0, 16 * channels2 * width);
        gather(highRes1, addends, 0, channels1, 2, from, to, channels1, high1);
        gather(highRes0, bias2.data(), bias2.offset(), 0, 4, from, to, channels2, high0);
        float[] masks = scratch.floats(SLOT_MASKS, 16 * filters * width);
        for (int prompt = 0; prompt < batch; prompt++) {
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
                lanes[lane] = features.at(pixel(position / gridWidth, position % gridWidth, scale, cell));
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
        return line * scale * gridWidth + column;
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
        boolean isLowRank = lowRank != null;
        float[] image = isLowRank ? lowRank.coefficients() : scratch.floats(SLOT_IMAGE, weights1.in() * width);
        float[] half = scratch.floats(SLOT_HALF, (channels1 + 2) * width);
        float[] full = scratch.floats(SLOT_FULL, channels2 * width);
        if (!isLowRank) {
            gatherImage(prompt, from, to, image);
        }
        for (int cell = 0; cell < 4; cell++) {
            if (isLowRank) {
                combine(prompt, from / width, cell, base, up1, high1, half);
            } else {
                multiply(
                        up1,
                        0,
                        weights1.in(),
                        cell * channels1,
                        channels1,
                        image,
                        0,
                        high1,
                        cell * channels1 * width,
                        half);
            }
            loops.normGeluColumns(
                    half, 0, channels1, width, gamma.data(), gamma.offset(), beta.data(), beta.offset(), eps);
            for (int inner = 0; inner < 4; inner++) {
                int at = 4 * cell + inner;
                multiply(up2, 0, channels1, inner * channels2, channels2, half, 0, high0, at * channels2 * width, full);
                loops.filterGelu(
                        full,
                        0,
                        channels2,
                        width,
                        filterRows.data(),
                        filterRows.at(prompt * filters),
                        filterRows.stride(),
                        filters,
                        masks,
                        at * filters * width,
                        width);
            }
        }
    }

    /** A cell of a panel of positions after the first layer, from the layer's products with base and rows. */
    private void combine(
            int prompt, int panel, int cell, PackedWeights base, float[] rows, float[] high1, float[] half) {
        int rank = lowRank.rank();
        int rowsAt = prompt * rank * weights1.out();
        int start = base.position(panel, cell * channels1);
        multiply(
                rows,
                rowsAt,
                rank,
                cell * channels1,
                channels1,
                lowRank.coefficients(),
                lowRank.coefficientsAt(prompt, panel),
                base.data(),
                start,
                half);
        int scaleAt = lowRank.scaleAt(prompt, panel);
        lowRankLoops.scaleAndAdd(half, 0, channels1, width, lowRank.scale(), scaleAt, high1, cell * channels1 * width);
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
        int base = prompt * gridHeight * gridWidth;
        for (int lane = 0; lane < width; lane++) {
            lanes[lane] = embeddings.at(base + Math.min(from + lane, to - 1));
        }
        transpose(embeddings.data(), lanes, zeros, 0, weights1.in(), result, 0);
    }

    private void scatter(int prompt, int from, int to, float[] masks) {
        int position = from;
        while (position < to) {
            int x = position % gridWidth;
            int run = Math.min(to - position, gridWidth - x);
            for (int filter = 0; filter < filters; filter++) {
                int out = destination.at(prompt * filters + filter);
                for (int line = 0; line < 4; line++) {
                    // The first of four pixels side by side: those of cells 0 and 1, then of the right half's.
                    int cell = (line >> 1) * 8 + (line & 1) * 2;
                    int source = (cell * filters + filter) * width + position - from;
                    int pixel = pixel(position / gridWidth, x, 4, cell);
                    interleave(masks, source, filters * width, run, destination.data(), out + pixel);
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
