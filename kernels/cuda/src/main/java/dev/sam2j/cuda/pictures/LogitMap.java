package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.device.Launch;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Tensor;

/**
 * A map of logits that is resampled and compared, and the bits of its pixels in 64-bit words, which are filled
 * completely: as parameters of a kernel.
 *
 * @param x (input height, input width)
 * @param bits register of the words' address
 */
record LogitMap(
        PtxWriter w,
        PtxMatrix x,
        String bits,
        String height,
        String width,
        String inputHeight,
        String inputWidth,
        String scaleY,
        String scaleX) {
    /** Declares the parameters. */
    static LogitMap parameters(PtxWriter w, DType type) {
        return new LogitMap(
                w,
                PtxMatrix.parameter(w, "x", type),
                w.pointer("out"),
                w.integer("height"),
                w.integer("width"),
                w.integer("input_height"),
                w.integer("input_width"),
                w.real("scale_y"),
                w.real("scale_x"));
    }

    /** Gives a launch their arguments. */
    static Launch arguments(Launch launch, Tensor logits, DeviceMatrix map, long bits, int height, int width) {
        return launch.pointer("x", map)
                .integer("x_stride", 1)
                .pointer("out", bits)
                .integer("height", height)
                .integer("width", width)
                .integer("input_height", logits.dim(0))
                .integer("input_width", logits.dim(1))
                .real("scale_y", (float) logits.dim(0) / height)
                .real("scale_x", (float) logits.dim(1) / width);
    }

    /** The bilinear value at a pixel of the resampled map, counted over its rows. */
    String at(String pixel) {
        String row = w.i("div.u32", pixel, width);
        String column = w.i("sub.s32", pixel, w.i("mul.lo.s32", row, width));
        return new Resampling(w)
                .sample(
                        Interpolation.BILINEAR,
                        new Resampling.Axis(row, inputHeight, height, scaleY),
                        new Resampling.Axis(column, inputWidth, width, scaleX),
                        1,
                        (i, j) -> x.load(w.i("mad.lo.s32", i, inputWidth, j), 0, 1))[0];
    }

    /** A bit for each thread of the warp: whether its value exceeds a threshold. */
    String ballot(String value, String threshold, String inside) {
        String above = w.p("and.pred", w.p("setp.gt.f32", value, threshold), inside);
        return w.i("vote.sync.ballot.b32", above, PtxWriter.ALL_LANES);
    }
}
