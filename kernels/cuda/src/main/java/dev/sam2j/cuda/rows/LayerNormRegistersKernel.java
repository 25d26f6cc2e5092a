package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.ptx.Activations;
import dev.sam2j.cuda.ptx.Elements;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * {@link CudaLayerNorm.Kernel} for rows that fit into the registers of a warp or a part of it: every element is read
 * once, and narrow rows share a warp. Parameters and results are the same.
 */
public record LayerNormRegistersKernel(DType in, DType out, Layout layout) implements PtxSource {
    private static final int THREADS = 128;
    /** Most values of a lane. */
    private static final int MAX_VALUES = 40;
    /** Most values of a lane where an activation multiplies the code. */
    private static final int MAX_ACTIVATED = 16;
    /** Most values of a lane that are in registers together with what is added to them. */
    private static final int MAX_UPDATED = 24;

    /**
     * How a row lies in registers: lane {@code l} of {@code lanes} has the elements from {@code (step * lanes + l) *
     * chunk} on.
     *
     * @param chunk elements of one access: 4, or 8 of two bytes
     * @param lanes lanes per row, a power of two
     * @param steps accesses of a lane
     * @param activated whether the kernel has activations other than the identity
     */
    public record Layout(int chunk, int lanes, int steps, boolean activated) {
        /**
         * The layout for rows of {@code columns}, or null if {@link CudaLayerNorm.Kernel} has to serve.
         *
         * @param width 8 if columns and the start of every row, also of the output, are multiples of 8 elements and 16
         *     bytes; 4 as for {@link CudaLayerNorm.Kernel}; 1 otherwise
         */
        public static Layout of(DType in, int columns, int width, boolean activated) {
            boolean single = columns == 4;
            int chunk = in == DType.F32 || single ? 4 : 8;
            if (width < chunk || columns % chunk != 0) {
                return null;
            }
            int chunks = columns / chunk;
            int full = 32 / chunk; // lanes that move 64 or 128 bytes of a row at once
            int lanes = Math.min(Integer.highestOneBit(2 * chunks - 1), full);
            while (lanes < PtxWriter.WARP && stepsFor(chunks, lanes, chunk) * chunk > MAX_VALUES) {
                lanes *= 2;
            }
            int steps = stepsFor(chunks, lanes, chunk);
            return steps * chunk > (activated ? MAX_ACTIVATED : MAX_VALUES)
                    ? null
                    : new Layout(chunk, lanes, steps, activated);
        }

        /** The layout of {@link Updating} for rows of {@code columns}, or null if they are odd or too long. */
        public static Layout updating(int columns) {
            int lanes = 8;
            while (lanes < PtxWriter.WARP && stepsFor(columns / 4, lanes, 4) * 4 > MAX_UPDATED) {
                lanes *= 2;
            }
            int steps = stepsFor(columns / 4, lanes, 4);
            return columns % 4 != 0 || steps * 4 > MAX_UPDATED ? null : new Layout(4, lanes, steps, false);
        }

        private static int stepsFor(int chunks, int lanes, int chunk) {
            int steps = (chunks + lanes - 1) / lanes;
            // fewer kernels, and without the one whose registers the assembler spills
            return chunk == 4 && (steps == 4 || steps == 7 || steps == 9) ? steps + 1 : steps;
        }

        String label() {
            return "w" + chunk + "_l" + lanes + "_s" + steps + (activated ? "_activated" : "");
        }
    }

    @Override
    public PtxKernel write() {
        String entry = "layer_norm_registers_" + in.label() + "_" + out.label() + "_" + layout.label();
        PtxWriter w = new PtxWriter(entry, THREADS, """
                Rows of x (rows, columns), normalised with biased variance.
                Several lanes of a warp share a row and keep it in registers; float32 accumulation.""");
        PtxMatrix x = PtxMatrix.parameter(w, "x", in);
        String gamma = w.pointer("gamma");
        String beta = w.pointer("beta");
        String eps = w.real("eps");
        PtxMatrix y = PtxMatrix.parameter(w, "out", out);
        String rows = w.integer("rows");
        String columns = w.integer("columns");
        String activation = w.integer("activation");
        Row row = new Row(w, layout, rows, columns);
        String share = w.f("rcp.rn.f32", w.f("cvt.rn.f32.s32", columns));
        String[][] values = row.load(x);
        row.normalise(values, share, eps);
        row.store(values, gamma, beta, activation, y);
        return w.build();
    }

    /** Rows that a block handles. */
    public static int rowsPerBlock(Layout layout) {
        return THREADS / layout.lanes;
    }

    /**
     * A sum and its normalisation in one pass: {@code x += update + bias}, {@code out = (x - mean) / sqrt(var + eps) *
     * gamma + beta}; x, bias, gamma and beta are float32.
     *
     * @param half type of update and out
     * @param layout of {@link Layout#updating}
     */
    public record Updating(DType half, Layout layout) implements PtxSource {
        @Override
        public PtxKernel write() {
            String entry = "layer_norm_update_" + half.label() + "_" + layout.label();
            PtxWriter w = new PtxWriter(
                    entry, THREADS, "x += update + bias, out = x normalised; several lanes of a warp share a row.");
            PtxMatrix x = PtxMatrix.parameter(w, "x", DType.F32);
            PtxMatrix update = PtxMatrix.parameter(w, "update", half);
            String bias = w.pointer("bias");
            String gamma = w.pointer("gamma");
            String beta = w.pointer("beta");
            String eps = w.real("eps");
            PtxMatrix y = PtxMatrix.parameter(w, "out", half);
            String rows = w.integer("rows");
            String columns = w.integer("columns");
            Row row = new Row(w, layout, rows, columns);
            String share = w.f("rcp.rn.f32", w.f("cvt.rn.f32.s32", columns));
            String[][] values = row.load(x);
            String[][] addends = row.load(update);
            SharedVectors vectors = new SharedVectors(w, layout, columns, bias, gamma, beta);
            row.forEachStep(step -> {
                String[] offsets = vectors.load(0, row, step);
                for (int i = 0; i < layout.chunk; i++) {
                    String addend = w.f("add.f32", addends[step][i], offsets[i]);
                    w.op("add.f32", values[step][i], values[step][i], addend);
                }
                w.when(row.present(step), () -> row.store(x, step, values[step]));
            });
            row.normalise(values, share, eps);
            row.forEachStep(step -> {
                String[] factors = vectors.load(1, row, step);
                String[] shifts = vectors.load(2, row, step);
                for (int i = 0; i < layout.chunk; i++) {
                    values[step][i] = w.f("fma.rn.f32", values[step][i], factors[i], shifts[i]);
                }
                w.when(row.present(step), () -> row.store(y, step, values[step]));
            });
            return w.build();
        }
    }

    /**
     * Float32 vectors of one value per column in shared memory: loads from there are short, while loads from global
     * memory would each wait for the stores before them.
     */
    private static final class SharedVectors {
        private final PtxWriter w;
        private final int bytes;
        private final String base;

        /** Copies the vectors; all threads of the block must take part. */
        SharedVectors(PtxWriter w, Layout layout, String columns, String... vectors) {
            this.w = w;
            int chunks = layout.lanes * layout.steps;
            bytes = 16 * chunks;
            base = w.shared(vectors.length * bytes);
            String thread = w.i("mov.u32", "%tid.x");
            for (int first = 0; first < chunks; first += THREADS) {
                String column = w.i("shl.b32", w.i("add.s32", thread, first), 2);
                String to = w.i("mad.lo.s32", column, 4, base);
                String inside = w.p("setp.lt.s32", column, columns);
                String exists = w.p("setp.lt.s32", column, 4 * chunks);
                for (int i = 0; i < vectors.length; i++) {
                    String from = "[" + w.address(vectors[i], column, 4) + "]";
                    String at = "[" + to + "+" + i * bytes + "]";
                    String values = PtxWriter.list(w.zeros(4));
                    w.when(inside, () -> w.op("ld.global.v4.f32", values, from));
                    w.when(exists, () -> w.op("st.shared.v4.f32", at, values));
                }
            }
            w.op("bar.sync", 0);
        }

        /** The values of a lane's columns in a step; 0 where the row has none. */
        String[] load(int vector, Row row, int step) {
            String[] values = w.fresh('f', 4);
            String at = w.i("mad.lo.s32", row.columns[step], 4, base);
            w.op("ld.shared.v4.f32", PtxWriter.list(values), "[" + at + "+" + vector * bytes + "]");
            return values;
        }
    }

    /** The elements that a lane has of its row. */
    private static final class Row {
        private final PtxWriter w;
        private final Layout layout;
        private final String index;
        /** For each step its first column. */
        private final String[] columns;
        /** Columns of the row, 0 past the last row. */
        private final String limit;

        /** Lanes past the last row have no elements, but take part in sums. */
        Row(PtxWriter w, Layout layout, String rows, String width) {
            this.w = w;
            this.layout = layout;
            String thread = w.globalThread();
            index = w.i("shr.u32", thread, Integer.numberOfTrailingZeros(layout.lanes));
            String inside = w.p("setp.lt.s32", index, rows);
            String first = w.i("mul.lo.s32", w.i("and.b32", thread, layout.lanes - 1), layout.chunk);
            limit = w.i("selp.s32", width, 0, inside);
            columns = new String[layout.steps];
            forEachStep(step -> columns[step] = w.i("add.s32", first, step * layout.lanes * layout.chunk));
        }

        /** Whether a step has elements; found anew at each use, as there are few predicate registers. */
        String present(int step) {
            return w.p("setp.lt.s32", columns[step], limit);
        }

        void forEachStep(IntConsumer code) {
            for (int step = 0; step < layout.steps; step++) {
                code.accept(step);
            }
        }

        /** Runs {@code code}, which may have jumps if there is an activation, where a step has elements. */
        void where(int step, Runnable code) {
            if (!layout.activated) {
                w.when(present(step), code);
                return;
            }
            String end = w.label();
            w.jumpUnless(present(step), end);
            code.run();
            w.place(end);
        }

        String[][] load(PtxMatrix matrix) {
            Elements elements = new Elements(w, matrix.type(), layout.chunk);
            String[][] values = new String[layout.steps][];
            forEachStep(step -> values[step] = elements.loadIf(present(step), matrix.at(index, columns[step])));
            return values;
        }

        void store(PtxMatrix matrix, int step, String... values) {
            matrix.store(index, columns[step], values);
        }

        /**
         * {@code (x - mean) / sqrt(var + eps)}, given 1 / columns. Nothing here is a call, as exact quotients are: the
         * values could not stay in registers.
         */
        void normalise(String[][] values, String share, String eps) {
            String mean = w.f("mov.f32", PtxWriter.constant(0));
            for (String value : all(values)) {
                w.op("add.f32", mean, mean, value);
            }
            w.reduceLanes(mean, "add.f32", layout.lanes);
            w.op("mul.f32", mean, mean, share);
            for (String value : all(values)) {
                w.op("sub.f32", value, value, mean);
            }
            String variance = w.f("mov.f32", PtxWriter.constant(0));
            forEachStep(step -> w.when(present(step), () -> {
                for (String deviation : values[step]) {
                    w.op("fma.rn.f32", variance, deviation, deviation, variance);
                }
            }));
            w.reduceLanes(variance, "add.f32", layout.lanes);
            String scale = inverseRoot(w.f("fma.rn.f32", variance, share, eps));
            for (String value : all(values)) {
                w.op("mul.f32", value, value, scale);
            }
        }

        /** Scales, shifts, activates and stores normalised values. */
        void store(String[][] values, String gamma, String beta, String activation, PtxMatrix target) {
            Elements parameters = new Elements(w, DType.F32, layout.chunk);
            forEachStep(step -> where(step, () -> {
                String[] factors = parameters.load(w.address(gamma, columns[step], 4));
                String[] shifts = parameters.load(w.address(beta, columns[step], 4));
                for (int i = 0; i < layout.chunk; i++) {
                    values[step][i] = w.f("fma.rn.f32", values[step][i], factors[i], shifts[i]);
                }
                if (layout.activated) {
                    Activations.apply(w, activation, values[step]);
                }
                store(target, step, values[step]);
            }));
        }

        /** {@code 1 / sqrt(x)}: an approximation and one step of Newton's iteration. */
        private String inverseRoot(String x) {
            String root = w.f("rsqrt.approx.f32", x);
            String half = w.f("mul.f32", w.f("mul.f32", x, PtxWriter.constant(-0.5f)), root);
            return w.f("fma.rn.f32", root, w.f("fma.rn.f32", half, root, PtxWriter.constant(0.5f)), root);
        }

        private static String[] all(String[][] values) {
            return Stream.of(values).flatMap(Stream::of).toArray(String[]::new);
        }
    }
}
