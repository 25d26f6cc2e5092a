package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeferredUpdate;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.device.Launch;
import dev.sam2j.cuda.ptx.Activations;
import dev.sam2j.cuda.ptx.Elements;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Tensor;

/**
 * {@link dev.sam2j.tensor.Backend#layerNorm}: rows in registers where they fit, and in one pass with the sum before
 * the norm if that was {@link DeferredUpdate deferred}; otherwise {@link Kernel}.
 */
public final class CudaLayerNorm {
    private static final int ROWS_PER_BLOCK = 4;

    private CudaLayerNorm() {}

    /** Queues the operation, after {@link CudaDevice#afterUpdate}. */
    public static void run(
            CudaDevice device,
            Tensor x,
            Tensor gamma,
            Tensor beta,
            float eps,
            Activation activation,
            Tensor destination) {
        Norm norm = new Norm(
                device, device.matrix(x), device.vector(gamma), device.vector(beta), eps, device.matrix(destination));
        if (!norm.updates(activation)) {
            norm.run(activation);
        }
    }

    /** The operands on the device. */
    private record Norm(
            CudaDevice device, DeviceMatrix x, DeviceMatrix gamma, DeviceMatrix beta, float eps, DeviceMatrix y) {
        private Launch launch(PtxSource kernel) {
            return device.launch(kernel)
                    .matrix("x", x)
                    .pointer("gamma", gamma)
                    .pointer("beta", beta)
                    .real("eps", eps)
                    .matrix("out", y)
                    .sizes(y);
        }

        void run(Activation activation) {
            int width = DeviceMatrix.width(x, gamma, beta, y);
            boolean eights = width == 4 && DeviceMatrix.inEights(x, gamma, beta, y);
            LayerNormRegistersKernel.Layout layout = LayerNormRegistersKernel.Layout.of(
                    x.type(), y.columns(), eights ? 8 : width, activation != Activation.NONE);
            PtxSource kernel = layout == null
                    ? new Kernel(x.type(), y.type(), width)
                    : new LayerNormRegistersKernel(x.type(), y.type(), layout);
            launch(kernel)
                    .integer("activation", Activations.code(activation))
                    .over(y.rows(), layout == null ? ROWS_PER_BLOCK : LayerNormRegistersKernel.rowsPerBlock(layout));
        }

        /** Computes a sum that was deferred together with the norm, or on its own, and then returns false. */
        boolean updates(Activation activation) {
            boolean fits = DeviceMatrix.width(x, gamma, beta, y) == 4
                    && activation == Activation.NONE
                    && y.type().isHalf()
                    && x.type() == DType.F32;
            LayerNormRegistersKernel.Layout layout =
                    fits ? LayerNormRegistersKernel.Layout.updating(x.columns()) : null;
            if (layout == null) {
                device.deferredUpdate().settle();
                return false;
            }
            DeferredUpdate.Update update = device.deferredUpdate().take(x);
            if (update == null) {
                return false;
            }
            launch(new LayerNormRegistersKernel.Updating(y.type(), layout))
                    .matrix("update", update.product())
                    .pointer("bias", update.bias())
                    .over(y.rows(), LayerNormRegistersKernel.rowsPerBlock(layout));
            return true;
        }
    }

    /**
     * One warp per row: mean, then squared deviations, then {@code activation((x - mean) / sqrt(var + eps) * gamma +
     * beta)}, all in float32. {@code out} may be {@code x}.
     *
     * @param width 4 if columns, strides and addresses allow accesses of four elements, otherwise 1
     */
    public record Kernel(DType in, DType out, int width) implements PtxSource {
        @Override
        public PtxKernel write() {
            String entry = "layer_norm_" + in.label() + "_" + out.label() + "_w" + width;
            PtxWriter w = new PtxWriter(entry, ROWS_PER_BLOCK * PtxWriter.WARP, """
                    Rows of x (rows, columns), normalised with biased variance.
                    One warp per row, float32 accumulation; three passes, the later ones served by the L1 cache.""");
            PtxMatrix x = PtxMatrix.parameter(w, "x", in);
            String gamma = w.pointer("gamma");
            String beta = w.pointer("beta");
            String eps = w.real("eps");
            PtxMatrix y = PtxMatrix.parameter(w, "out", out);
            String rows = w.integer("rows");
            String columns = w.integer("columns");
            String activation = w.integer("activation");
            String thread = w.i("mov.u32", "%tid.x");
            String row = w.i("mad.lo.s32", w.i("mov.u32", "%ctaid.x"), ROWS_PER_BLOCK, w.i("shr.u32", thread, 5));
            String first = w.i("mul.lo.s32", w.i("and.b32", thread, 31), width);
            w.exitFrom(row, rows);
            int step = PtxWriter.WARP * width;
            Elements source = new Elements(w, in, width);
            String xRow = x.at(row, 0);

            String count = w.f("cvt.rn.f32.s32", columns);
            String mean = w.f("mov.f32", PtxWriter.constant(0));
            w.loop(first, columns, step, column -> {
                for (String value : source.load(w.address(xRow, column, in.bytes()))) {
                    w.op("add.f32", mean, mean, value);
                }
            });
            w.reduceWarp(mean, "add.f32");
            w.op("div.rn.f32", mean, mean, count);

            String variance = w.f("mov.f32", PtxWriter.constant(0));
            w.loop(first, columns, step, column -> {
                for (String value : source.load(w.address(xRow, column, in.bytes()))) {
                    String deviation = w.f("sub.f32", value, mean);
                    w.op("fma.rn.f32", variance, deviation, deviation, variance);
                }
            });
            w.reduceWarp(variance, "add.f32");
            w.op("div.rn.f32", variance, variance, count);
            String scale = w.f("rcp.rn.f32", w.f("sqrt.rn.f32", w.f("add.f32", variance, eps)));

            Elements parameters = new Elements(w, DType.F32, width);
            Elements target = new Elements(w, out, width);
            String yRow = y.at(row, 0);
            w.loop(first, columns, step, column -> {
                String[] values = source.load(w.address(xRow, column, in.bytes()));
                String[] factors = parameters.load(w.address(gamma, column, 4));
                String[] shifts = parameters.load(w.address(beta, column, 4));
                for (int i = 0; i < width; i++) {
                    String normal = w.f("mul.f32", w.f("sub.f32", values[i], mean), scale);
                    values[i] = w.f("fma.rn.f32", normal, factors[i], shifts[i]);
                }
                Activations.apply(w, activation, values);
                target.store(w.address(yRow, column, out.bytes()), values);
            });
            return w.build();
        }
    }
}
