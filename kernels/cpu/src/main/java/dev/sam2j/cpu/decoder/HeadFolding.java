package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.products.Gemm;
import dev.sam2j.cpu.products.GemmKernel;
import dev.sam2j.cpu.products.PackedWeights;
import dev.sam2j.cpu.runtime.Rows;
import java.util.Arrays;

/**
 * Moves the projections of an attention between few tokens and many image positions from the image to the tokens: with
 * {@code W_h} the rows of a projection that belong to head h, {@code (W_h x) . q_h = x . (W_hᵀ q_h)}, so what a token
 * looks for can be expressed in the image's own channels, one vector for each token and head. Vectors are numbered
 * {@code token * heads + head}.
 */
final class HeadFolding {
    private final GemmKernel kernel;
    private final int heads;
    private final int inner;

    /**
     * Folds with the tiles of {@code kernel}.
     *
     * @param inner columns of a token, a multiple of {@code heads}
     */
    HeadFolding(GemmKernel kernel, int heads, int inner) {
        this.kernel = kernel;
        this.heads = heads;
        this.inner = inner;
    }

    /**
     * Whether projections move to the tokens: then a product of the image with {@code tokens * heads} vectors takes the
     * place of one with {@code inner}.
     */
    static boolean suits(GemmKernel kernel, int tokens, int heads, int inner, int channels) {
        return Integer.bitCount(heads) == 1
                && kernel.panelWidth() % heads == 0
                && tokens * heads <= inner
                && Math.max(inner, channels) <= GemmKernel.MAX_DEPTH
                && channels % kernel.columnTileRows() == 0;
    }

    /** Panels of the vectors of {@code tokens} tokens. */
    int panels(int tokens) {
        return (tokens * heads + kernel.panelWidth() - 1) / kernel.panelWidth();
    }

    /** Number of vectors of {@code tokens} tokens, rounded up to whole panels. */
    int padded(int tokens) {
        return panels(tokens) * kernel.panelWidth();
    }

    /** Length of a panel that {@link #fold} writes, for a projection of {@code in} columns. */
    int panelSize(int in) {
        return Gemm.roundUp(in, kernel.tileRows()) * kernel.panelWidth();
    }

    /** Length of a panel that {@link #expand} writes. */
    private int expandedSize() {
        return Gemm.roundUp(inner, kernel.panelWidth()) * kernel.panelWidth();
    }

    /** Length of the temporary array of {@link #fold}. */
    int foldScratch() {
        return expandedSize() + kernel.tileRows() * GemmKernel.ROW_STRIDE;
    }

    /**
     * One panel of {@code factor W_hᵀ q_h}: for each column of {@code w} the values of the panel's vectors side by
     * side.
     *
     * @param w projection (inner, in)
     * @param q tokens, from row {@code first} on
     * @param expanded temporary array of {@link #foldScratch} elements
     */
    void fold(
            PackedWeights w,
            Rows q,
            int first,
            int tokens,
            float factor,
            int panel,
            float[] expanded,
            float[] to,
            int toOffset) {
        int width = kernel.panelWidth();
        expand(q, first, tokens, factor, panel, expanded);
        int columns = expandedSize();
        int tileRows = kernel.tileRows();
        for (int piece = 0; piece < w.panels(); piece++) {
            for (int row = 0; row < w.in(); row += tileRows) {
                int rows = Math.min(tileRows, w.in() - row);
                for (int r = 0; r < rows; r++) {
                    int from = w.position(piece, row + r);
                    System.arraycopy(w.data(), from, expanded, columns + r * GemmKernel.ROW_STRIDE, width);
                }
                kernel.tile(
                        rows,
                        expanded,
                        columns,
                        expanded,
                        piece * width * width,
                        width,
                        piece > 0 ? to : Gemm.ZEROS,
                        piece > 0 ? toOffset + row * width : 0,
                        piece > 0 ? width : 0,
                        to,
                        toOffset + row * width,
                        width);
            }
        }
    }

    /**
     * One panel of {@code factor q_h}, zero outside their head's columns: for each inner column the values of the
     * panel's vectors side by side.
     *
     * @param to {@link #expandedSize} elements
     */
    private void expand(Rows q, int first, int tokens, float factor, int panel, float[] to) {
        int width = kernel.panelWidth();
        int headWidth = headWidth();
        Arrays.fill(to, 0, expandedSize(), 0);
        int end = Math.min((panel + 1) * width, tokens * heads);
        for (int j = panel * width; j < end; j++) {
            int head = j % heads;
            int at = q.at(first + j / heads) + head * headWidth;
            int column = j - panel * width;
            for (int i = 0; i < headWidth; i++) {
                to[column + (head * headWidth + i) * width] = factor * q.data()[at + i];
            }
        }
    }

    /**
     * Rows {@code v_h} of {@code tokens} tokens, zero outside their head's columns, so that a product with a
     * projection (out, inner) projects each head by itself.
     *
     * @param to {@link #padded} rows of {@code inner} values, {@code stride} apart
     */
    void spread(Rows v, int first, int tokens, float[] to, int stride) {
        int headWidth = headWidth();
        for (int j = 0; j < padded(tokens); j++) {
            Arrays.fill(to, j * stride, j * stride + inner, 0);
        }
        for (int j = 0; j < tokens * heads; j++) {
            int column = j % heads * headWidth;
            System.arraycopy(v.data(), v.at(first + j / heads) + column, to, j * stride + column, headWidth);
        }
    }

    /** Columns of a token that belong to one head. */
    int headWidth() {
        return inner / heads;
    }
}
