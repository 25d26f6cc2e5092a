package dev.sam2j.kernels.cpu;

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

    private final Problem p;
    private final GemmKernel kernel;
    private final TokenLoops loops;
    private final int width;

    /**
     * Operands. Positions are those of the embedding's grid {@code h x w}; B is {@code batch}.
     *
     * @param filters masks per prompt
     * @param image (B * h * w, C)
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
        this.width = kernel.panelWidth();
    }

    /** Whether {@link #run} takes these channels: tiles must not reach over a cell of a convolution. */
    public static boolean suits(GemmKernel kernel, PackedWeights up1, PackedWeights up2) {
        int step = kernel.columnTileRows();
        return up1.out() / 4 % step == 0 && up2.out() / 4 % step == 0;
    }

    /** Draws the masks. */
    public static void run(Problem problem, CpuKernels kernels, Parallel parallel) {
        DrawMasks draw = new DrawMasks(problem, kernels);
        int positions = problem.height() * problem.width();
        parallel.forRange(positions, draw.width, draw::block);
    }

    private void block(int from, int to, Scratch scratch) {
        int c1 = p.channels1();
        int c2 = p.channels2();
        float[] high1 = scratch.floats(SLOT_HIGH1, 4 * c1 * width);
        float[] high0 = scratch.floats(SLOT_HIGH0, 16 * c2 * width);
        gather(p.high1(), p.bias1(), 2, from, to, c1, high1);
        gather(p.high0(), p.bias2(), 4, from, to, c2, high0);
        float[] masks = scratch.floats(SLOT_MASKS, 16 * p.filters() * width);
        for (int prompt = 0; prompt < p.batch(); prompt++) {
            draw(prompt, from, to, high1, high0, masks, scratch);
            scatter(prompt, from, to, masks);
        }
    }

    /**
     * Features plus bias of the {@code scale x scale} pixels of each position: rows (i1, j1, i0, j0, channel) of
     * positions, where the first pair of indices is that of the first enlargement.
     */
    private void gather(Rows features, Rows bias, int scale, int from, int to, int channels, float[] result) {
        for (int position = from; position < to; position++) {
            int y = position / p.width();
            int x = position % p.width();
            for (int cell = 0; cell < scale * scale; cell++) {
                int pixel = pixel(y, x, scale, cell);
                int at = features.at(pixel);
                int target = cell * channels * width + position - from;
                for (int c = 0; c < channels; c++) {
                    result[target + c * width] = features.data()[at + c] + bias.data()[bias.offset() + c];
                }
            }
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
    private void draw(int prompt, int from, int to, float[] high1, float[] high0, float[] masks, Scratch scratch) {
        int c1 = p.channels1();
        int c2 = p.channels2();
        float[] image = scratch.floats(SLOT_IMAGE, p.up1().depth() * width);
        float[] half = scratch.floats(SLOT_HALF, c1 * width);
        float[] full = scratch.floats(SLOT_FULL, c2 * width);
        transpose(prompt, from, to, image);
        for (int cell = 0; cell < 4; cell++) {
            multiply(p.up1(), cell * c1, c1, image, high1, cell * c1 * width, half);
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
                multiply(p.up2(), inner * c2, c2, half, high0, at * c2 * width, full);
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

    /** {@code y = w[first...first + rows] x + start}, positions side by side. */
    private void multiply(PackedWeights w, int first, int rows, float[] x, float[] start, int startAt, float[] y) {
        int step = kernel.columnTileRows();
        for (int r = 0; r < rows; r += step) {
            int row = first + r;
            kernel.columnTile(
                    w.data(),
                    w.position(row / width, 0) + row % width,
                    width,
                    x,
                    0,
                    w.in(),
                    start,
                    startAt + r * width,
                    y,
                    r * width);
        }
    }

    /** Embeddings of the block's positions, (channel, position); positions that do not exist become 0. */
    private void transpose(int prompt, int from, int to, float[] result) {
        int channels = p.up1().in();
        int base = prompt * p.height() * p.width();
        for (int lane = 0; lane < width; lane++) {
            boolean exists = from + lane < to;
            int at = exists ? p.image().at(base + from + lane) : 0;
            for (int c = 0; c < channels; c++) {
                result[c * width + lane] = exists ? p.image().data()[at + c] : 0;
            }
        }
    }

    private void scatter(int prompt, int from, int to, float[] masks) {
        int filters = p.filters();
        int first = prompt * filters;
        for (int position = from; position < to; position++) {
            int y = position / p.width();
            int x = position % p.width();
            for (int cell = 0; cell < 16; cell++) {
                int pixel = pixel(y, x, 4, cell);
                int source = cell * filters * width + position - from;
                for (int filter = 0; filter < filters; filter++) {
                    p.out().data()[p.out().at(first + filter) + pixel] = masks[source + filter * width];
                }
            }
        }
    }
}
