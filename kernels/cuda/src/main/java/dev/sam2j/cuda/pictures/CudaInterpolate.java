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
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Tensor;
import java.util.Locale;

/** {@link dev.sam2j.tensor.Backend#interpolate}. */
public final class CudaInterpolate {
    private CudaInterpolate() {}

    /** Queues the operation. */
    public static void run(CudaDevice device, Tensor x, Interpolation filter, Tensor destination) {
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix from = device.matrix(x, to.type());
        int width = DeviceMatrix.width(from, to);
        device.launch(new Kernel(to.type(), filter, width))
                .matrix("x", from)
                .matrix("out", to)
                .output(destination.dim(0), destination)
                .integer("channels", destination.dim(3))
                .integer("input_height", x.dim(1))
                .integer("input_width", x.dim(2))
                .real("scale_y", (float) x.dim(1) / destination.dim(1))
                .real("scale_x", (float) x.dim(2) / destination.dim(2))
                .over((long) to.rows() * to.columns() / width);
    }

    /** Resamples pictures; the scales are input/output of heights and widths in float32. */
    public record Kernel(DType type, Interpolation filter, int vector) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "interpolate_" + filter.name().toLowerCase(Locale.ROOT) + "_" + type.label() + "_w" + vector,
                    OutputPixel.THREADS,
                    "x (B, H, W, C) resampled to out (B, H', W', C), half-pixel centres.");
            PtxMatrix x = PtxMatrix.parameter(w, "x", type);
            PtxMatrix y = PtxMatrix.parameter(w, "out", type);
            PictureSize size = PictureSize.parameters(w, "channels");
            String inputHeight = w.integer("input_height");
            String inputWidth = w.integer("input_width");
            String scaleY = w.real("scale_y");
            String scaleX = w.real("scale_x");
            OutputPixel p = size.pixel(vector);
            Resampling.Source source = (row, column) ->
                    x.load(OutputPixel.rowOf(w, p.batch(), inputHeight, inputWidth, row, column), p.channel(), vector);
            Resampling.Axis vertical = new Resampling.Axis(p.y(), inputHeight, size.height(), scaleY);
            Resampling.Axis horizontal = new Resampling.Axis(p.x(), inputWidth, size.width(), scaleX);
            y.store(p.row(), p.channel(), new Resampling(w).sample(filter, vertical, horizontal, vector, source));
            return w.build();
        }
    }
}
