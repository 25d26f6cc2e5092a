package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.ptx.Elements;
import dev.sam2j.cuda.ptx.OutputPixel;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Tensor;

/** {@link dev.sam2j.tensor.Backend#imageToTensor}. */
public final class CudaImageToTensor {
    private static final int CHANNELS = Resample8Bit.CHANNELS;

    private CudaImageToTensor() {}

    /** Queues the operation. */
    public static void run(
            CudaDevice device,
            byte[] rgb,
            int height,
            int width,
            ResizeFilter filter,
            float[] mean,
            float[] std,
            Tensor destination) {
        device.graphs().refuse("uploads a picture");
        int outHeight = destination.dim(1);
        int outWidth = destination.dim(2);
        long picture = device.uploaded(
                rgb.length, (memory, offset, length) -> memory.put(rgb, Math.toIntExact(offset), length));
        boolean resampled = filter == ResizeFilter.BICUBIC_8BIT;
        int inHeight = resampled ? outHeight : height;
        int inWidth = resampled ? outWidth : width;
        if (resampled) {
            picture = Resample8Bit.run(device, picture, height, width, outHeight, outWidth);
        }
        DeviceMatrix to = device.matrix(destination);
        DeviceMatrix plain = to.contiguous() ? to : device.scratch(to.type(), to.rows(), to.columns());
        boolean unscaled = inHeight == outHeight
                && inWidth == outWidth
                && outHeight * outWidth % 4 == 0
                && plain.address() % 16 == 0;
        device.launch(new Kernel(to.type(), unscaled))
                .pointer("rgb", picture)
                .pointer("out", plain)
                .integer("height", outHeight)
                .integer("width", outWidth)
                .integer("input_height", inHeight)
                .integer("input_width", inWidth)
                .real("scale_y", (float) inHeight / outHeight)
                .real("scale_x", (float) inWidth / outWidth)
                .real("mean_r", mean[0])
                .real("mean_g", mean[1])
                .real("mean_b", mean[2])
                .real("std_r", std[0])
                .real("std_g", std[1])
                .real("std_b", std[2])
                .over((long) outHeight * outWidth / (unscaled ? 4 : 1));
        if (plain != to) {
            device.copy(plain, to);
        }
    }

    /**
     * Scales an 8-bit RGB picture (input height, input width, 3) with the antialiased triangle filter in float32 and
     * normalises: {@code (v / 255 - mean) / std}.
     *
     * @param unscaled for a picture that has the size of the output: pixels are a multiple of 4 and addresses of 16
     *     bytes, and a thread normalises 4 pixels in place of one
     */
    public record Kernel(DType out, boolean unscaled) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "image_to_tensor_" + (unscaled ? "unscaled_" : "") + out.label(),
                    OutputPixel.THREADS,
                    (unscaled ? "(" : "(triangle filter of ") + "rgb / 255 - mean) / std, float32 arithmetic.");
            Picture picture = Picture.parameters(w);
            if (unscaled) {
                normalise(w, picture);
            } else {
                scale(w, picture);
            }
            return w.build();
        }

        private void scale(PtxWriter w, Picture p) {
            String index = w.globalThread();
            w.exitFrom(index, w.i("mul.lo.s32", p.height, p.width));
            String row = w.i("div.u32", index, p.width);
            String column = w.i("sub.s32", index, w.i("mul.lo.s32", row, p.width));
            String[] values = new Resampling(w)
                    .sample(
                            Interpolation.BILINEAR_ANTIALIAS,
                            new Resampling.Axis(row, p.inputHeight, p.height, p.scaleY),
                            new Resampling.Axis(column, p.inputWidth, p.width, p.scaleX),
                            CHANNELS,
                            (i, j) -> bytes(w, w.address(p.rgb, w.i("mad.lo.s32", i, p.inputWidth, j), CHANNELS)));
            Elements elements = new Elements(w, out, 1);
            for (int channel = 0; channel < CHANNELS; channel++) {
                String at = w.address(p.out, w.i("mad.lo.s32", index, CHANNELS, channel), out.bytes());
                elements.store(at, p.normal(w, values[channel], channel));
            }
        }

        private static String[] bytes(PtxWriter w, String address) {
            String[] values = new String[CHANNELS];
            for (int channel = 0; channel < CHANNELS; channel++) {
                values[channel] = w.f("cvt.rn.f32.u32", w.i("ld.global.u8", "[" + address + "+" + channel + "]"));
            }
            return values;
        }

        private void normalise(PtxWriter w, Picture p) {
            String index = w.globalThread();
            w.exitFrom(index, w.i("shr.u32", w.i("mul.lo.s32", p.height, p.width), 2));
            String from = w.address(p.rgb, index, 4 * CHANNELS);
            Elements elements = new Elements(w, out, 4);
            for (int word = 0; word < CHANNELS; word++) {
                String bytes = w.i("ld.global.b32", "[" + from + "+" + 4 * word + "]");
                String[] values = new String[4];
                for (int i = 0; i < 4; i++) {
                    String value = w.f("cvt.rn.f32.u32", w.i("and.b32", w.i("shr.u32", bytes, 8 * i), 255));
                    values[i] = p.normal(w, value, (4 * word + i) % CHANNELS);
                }
                elements.store(w.address(p.out, w.i("mad.lo.s32", index, 4 * CHANNELS, 4 * word), out.bytes()), values);
            }
        }
    }

    /** The parameters of a kernel. */
    private record Picture(
            String rgb,
            String out,
            String height,
            String width,
            String inputHeight,
            String inputWidth,
            String scaleY,
            String scaleX,
            String[] mean,
            String[] std) {
        static Picture parameters(PtxWriter w) {
            return new Picture(
                    w.pointer("rgb"),
                    w.pointer("out"),
                    w.integer("height"),
                    w.integer("width"),
                    w.integer("input_height"),
                    w.integer("input_width"),
                    w.real("scale_y"),
                    w.real("scale_x"),
                    new String[] {w.real("mean_r"), w.real("mean_g"), w.real("mean_b")},
                    new String[] {w.real("std_r"), w.real("std_g"), w.real("std_b")});
        }

        /** {@code (value / 255 - mean) / std}. */
        String normal(PtxWriter w, String value, int channel) {
            String unit = w.f("div.rn.f32", value, PtxWriter.constant(255));
            return w.f("div.rn.f32", w.f("sub.f32", unit, mean[channel]), std[channel]);
        }
    }
}
