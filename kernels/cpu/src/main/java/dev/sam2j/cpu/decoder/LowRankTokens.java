package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.PackedWeights;
import dev.sam2j.cpu.runtime.Rows;
import java.util.Arrays;

/**
 * The tokens' part of the operations on {@link LowRankImages}. Each token has one vector for each head; they are
 * numbered head by head, each head's tokens rounded up to whole tiles ({@link GemmKernel#columnTile}), so that a tile
 * of vectors meets the columns of one head only; tiles are small where large ones would be half empty. Matrices that
 * multiply panels of positions are stored tile by tile: for each of their columns the values of the tile's vectors side
 * by side.
 */
final class LowRankTokens {
    private final GemmKernel kernel;
    private final int step;
    private final int tokens;
    private final int heads;
    private final int headWidth;
    private final int padded;

    /**
     * Tokens of one prompt.
     *
     * @param inner columns of a token, {@code heads} adjacent groups
     */
    LowRankTokens(GemmKernel kernel, int tokens, int heads, int inner) {
        this.kernel = kernel;
        this.step = step(kernel, tokens);
        this.tokens = tokens;
        this.heads = heads;
        this.headWidth = inner / heads;
        this.padded = Gemm.roundUp(tokens, step);
    }

    private static int step(GemmKernel kernel, int tokens) {
        int large = kernel.columnTileRows();
        int last = (tokens - 1) % large + 1;
        return last <= GemmKernel.FEW_COLUMNS ? GemmKernel.FEW_COLUMNS : large;
    }

    /** Number of vectors of so many tokens. */
    static int vectors(GemmKernel kernel, int tokens, int heads) {
        return heads * Gemm.roundUp(tokens, step(kernel, tokens));
    }

    /** Vectors of a tile. */
    int step() {
        return step;
    }

    /** Number of vectors. */
    int vectors() {
        return heads * padded;
    }

    int tiles() {
        return vectors() / step;
    }

    int headWidth() {
        return headWidth;
    }

    /** First vector of a head. */
    int first(int head) {
        return head * padded;
    }

    /** Vectors of a head, those that only fill up a tile included. */
    int padded() {
        return padded;
    }

    /** First inner column of the head that a tile of vectors belongs to. */
    int column(int tile) {
        return tile * step / padded * headWidth;
    }

    /** Length of what {@link #transpose} writes. */
    int transposedSize() {
        return vectors() * headWidth;
    }

    /**
     * {@code factor q_h} for each vector, as a matrix of {@link #headWidth} columns.
     *
     * @param q tokens, from row {@code first} on
     */
    void transpose(Rows q, int first, float factor, float[] to, int at) {
        Arrays.fill(to, at, at + transposedSize(), 0);
        for (int head = 0; head < heads; head++) {
            for (int t = 0; t < tokens; t++) {
                int from = q.at(first + t) + head * headWidth;
                int vector = head * padded + t;
                int column = at + vector / step * headWidth * step + vector % step;
                for (int i = 0; i < headWidth; i++) {
                    to[column + i * step] = factor * q.data()[from + i];
                }
            }
        }
    }

    /**
     * Dot products of each vector with the columns of its head in {@code count} rows: a matrix of {@code count}
     * columns.
     *
     * @param vectors what {@link #transpose} wrote
     * @param rows of {@code inner} values, in whole tiles of rows {@link GemmKernel#ROW_STRIDE} apart
     */
    void mix(float[] vectors, int vectorsAt, float[] rows, int count, float[] to, int at) {
        int width = kernel.panelWidth();
        int tileRows = kernel.tileRows();
        float[] panel = new float[headWidth * width];
        float[] products = new float[tileRows * width];
        int tilesOfHead = padded / step;
        int tiles;
        for (int first = 0; first < tiles(); first += tiles) {
            tiles = Math.min(width / step, tilesOfHead - first % tilesOfHead);
            for (int tile = 0; tile < tiles; tile++) {
                int vector = vectorsAt + (first + tile) * headWidth * step;
                for (int i = 0; i < headWidth; i++) {
                    System.arraycopy(vectors, vector + i * step, panel, i * width + tile * step, step);
                }
            }
            for (int r = 0; r < count; r += tileRows) {
                int used = Math.min(tileRows, count - r);
                int row = r * GemmKernel.ROW_STRIDE + column(first);
                kernel.tile(used, rows, row, panel, 0, headWidth, Gemm.ZEROS, 0, 0, products, 0, width);
                for (int tile = 0; tile < tiles; tile++) {
                    for (int i = 0; i < used; i++) {
                        int target = at + ((first + tile) * count + r + i) * step;
                        System.arraycopy(products, i * width + tile * step, to, target, step);
                    }
                }
            }
        }
    }

    /**
     * {@code rows Wᵀ} for {@code count} rows that are {@link GemmKernel#ROW_STRIDE} apart.
     *
     * @param to rows of whole panels, {@code stride} apart, as many as whole tiles have
     */
    static void multiply(GemmKernel kernel, float[] rows, int count, PackedWeights w, float[] to, int stride) {
        int tileRows = kernel.tileRows();
        for (int panel = 0; panel < w.panels(); panel++) {
            for (int r = 0; r < count; r += tileRows) {
                kernel.tile(
                        Math.min(tileRows, count - r),
                        rows,
                        r * GemmKernel.ROW_STRIDE,
                        w.data(),
                        w.position(panel, 0),
                        w.in(),
                        Gemm.ZEROS,
                        0,
                        0,
                        to,
                        r * stride + panel * kernel.panelWidth(),
                        stride);
            }
        }
    }

    /** Whole tiles of rows {@link GemmKernel#ROW_STRIDE} apart, in floats. */
    static int rowsSize(GemmKernel kernel, int count) {
        return (Gemm.roundUp(count, kernel.tileRows()) + kernel.tileRows()) * GemmKernel.ROW_STRIDE;
    }

    /** Copies {@code count} rows of {@code n} values to where {@link #multiply} takes them from. */
    static void spread(Rows x, int first, int count, int n, float[] to) {
        for (int r = 0; r < count; r++) {
            System.arraycopy(x.data(), x.at(first + r), to, r * GemmKernel.ROW_STRIDE, n);
        }
    }

    /** {@code W constant + bias}, where the constant may be null; a tile of one row. */
    static float[] projected(GemmKernel kernel, PackedWeights w, Rows constant, Rows bias) {
        float[] result = new float[kernel.tileRows() * GemmKernel.ROW_STRIDE];
        if (constant != null) {
            float[] row = new float[rowsSize(kernel, 1)];
            spread(constant, 0, 1, w.in(), row);
            multiply(kernel, row, 1, w, result, GemmKernel.ROW_STRIDE);
        }
        for (int i = 0; i < w.out(); i++) {
            result[i] += bias.data()[bias.offset() + i];
        }
        return result;
    }
}
