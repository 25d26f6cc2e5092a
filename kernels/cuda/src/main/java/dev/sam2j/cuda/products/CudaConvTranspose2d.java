package dev.sam2j.cuda.products;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.CudaMatrix;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.ptx.ElementPosition;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Tensor;

/**
 * {@link dev.sam2j.tensor.Backend#convTranspose2d}: a product, whose results a pixel shuffle moves to their places
 * while it applies the epilogue.
 */
public final class CudaConvTranspose2d {
    private CudaConvTranspose2d() {}

    /** Queues the operation. */
    public static void run(CudaGemm gemm, Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        CudaDevice device = gemm.device();
        DType type = gemm.type();
        CudaMatrix weights = (CudaMatrix) w;
        DeviceMatrix rows = device.matrix(x, type);
        DeviceMatrix y = device.matrix(destination);
        CudaEpilogue parts = CudaEpilogue.of(device, epilogue, y.type());
        int batch = x.dim(0);
        int perEntry = rows.rows() / batch;
        int group = CudaConv2d.entriesAtOnce(device, batch, (long) perEntry * weights.out() * type.bytes());
        int residualRows = parts.residualRows();
        if (residualRows != 1 && residualRows != y.rows() && 4 * perEntry % residualRows != 0) {
            group = batch; // a group would have to begin in the middle of the residual's repetition
        }
        DeviceMatrix products = device.scratch(type, group * perEntry, weights.out());
        for (int first = 0; first < batch; first += group) {
            int count = Math.min(group, batch - first);
            DeviceMatrix part = products.rows(0, count * perEntry);
            gemm.multiply(rows.rows(first * perEntry, count * perEntry), weights, 0, part);
            DeviceMatrix residual = parts.residual();
            if (residual != null && residual.rows() == y.rows()) {
                residual = residual.rows(4 * first * perEntry, 4 * count * perEntry);
            }
            DeviceMatrix result = y.rows(4 * first * perEntry, 4 * count * perEntry);
            shuffle(device, part, parts.with(residual), result, x.dim(2));
        }
    }

    private static void shuffle(
            CudaDevice device, DeviceMatrix products, CudaEpilogue parts, DeviceMatrix y, int inputWidth) {
        int width = DeviceMatrix.width(products, parts.bias(), parts.scale(), parts.residual(), y);
        parts.arguments(device.launch(new PixelShuffle(products.type(), y.type(), width)))
                .matrix("x", products)
                .matrix("out", y)
                .integer("activation", parts.activation())
                .integer("input_width", inputWidth)
                .overElements(y, width);
    }

    /**
     * Second half of a 2x2 stride-2 transposed convolution: x (B*H*W, 4*O) holds the products for output rows {@code
     * (i, j, o)}; out (B*2H*2W, O) = residual + scale * activation(x + bias). {@code out} must not be x.
     */
    record PixelShuffle(DType in, DType out, int width) implements PtxSource {
        @Override
        public PtxKernel write() {
            String entry = "pixel_shuffle_" + in.label() + "_" + out.label() + "_w" + width;
            PtxWriter w =
                    new PtxWriter(entry, ElementPosition.THREADS, "out[2y+i, 2x+j, o] = epilogue(x[y, x, (i, j, o)]).");
            PtxMatrix x = PtxMatrix.parameter(w, "x", in);
            CudaEpilogue.Operands operands = CudaEpilogue.Operands.parameters(w, out);
            PtxMatrix y = PtxMatrix.parameter(w, "out", out);
            String rows = w.integer("rows");
            String columns = w.integer("columns");
            String activation = w.integer("activation");
            String inputWidth = w.integer("input_width");
            ElementPosition at = ElementPosition.of(w, rows, columns, width);
            String outputWidth = w.i("shl.b32", inputWidth, 1);
            // over all batch entries, each has an even number of lines
            String line = w.i("div.u32", at.row(), outputWidth);
            String pixel = w.i("sub.s32", at.row(), w.i("mul.lo.s32", line, outputWidth));
            String inputRow = w.i("mad.lo.s32", w.i("shr.u32", line, 1), inputWidth, w.i("shr.u32", pixel, 1));
            String group = w.i("mad.lo.s32", w.i("and.b32", line, 1), 2, w.i("and.b32", pixel, 1));
            String inputColumn = w.i("mad.lo.s32", group, columns, at.column());
            String[] values = x.load(inputRow, inputColumn, width);
            operands.apply(w, values, activation, at);
            y.store(at, values);
            return w.build();
        }
    }
}
