package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.ptx.OutputPixel;
import dev.sam2j.cuda.ptx.PictureSize;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Tensor;

/** {@link dev.sam2j.tensor.Backend#maxPool2d}. */
public final class CudaMaxPool2d {
    private CudaMaxPool2d() {}

    /** Queues the operation. */
    public static void run(CudaDevice device, Tensor x, Tensor destination) {
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix from = device.matrix(x, to.type());
        int width = DeviceMatrix.width(from, to);
        device.launch(new Kernel(to.type(), width))
                .matrix("x", from)
                .matrix("out", to)
                .output(destination.dim(0), destination)
                .integer("channels", destination.dim(3))
                .over((long) to.rows() * to.columns() / width);
    }

    /** Largest of each 2x2 cell; height and width are those of the output. */
    public record Kernel(DType type, int vector) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "max_pool2d_" + type.label() + "_w" + vector,
                    OutputPixel.THREADS,
                    "x (B, 2H, 2W, C), out (B, H, W, C): the largest of each 2x2 cell.");
            PtxMatrix x = PtxMatrix.parameter(w, "x", type);
            PtxMatrix y = PtxMatrix.parameter(w, "out", type);
            PictureSize size = PictureSize.parameters(w, "channels");
            OutputPixel p = size.pixel(vector);
            String inputWidth = w.i("shl.b32", size.width(), 1);
            String first = OutputPixel.rowOf(
                    w,
                    p.batch(),
                    w.i("shl.b32", size.height(), 1),
                    inputWidth,
                    w.i("shl.b32", p.y(), 1),
                    w.i("shl.b32", p.x(), 1));
            String below = w.i("add.s32", first, inputWidth);
            String[] best = null;
            for (String row : new String[] {first, w.i("add.s32", first, 1), below, w.i("add.s32", below, 1)}) {
                String[] values = x.load(row, p.channel(), vector);
                for (int i = 0; i < vector && best != null; i++) {
                    values[i] = w.f("max.f32", best[i], values[i]);
                }
                best = values;
            }
            y.store(p.row(), p.channel(), best);
            return w.build();
        }
    }
}
