package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.ptx.OutputPixel;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;

/** The antialiased cubic filter (a = -0.5) that Pillow applies to 8-bit pictures, one axis after the other. */
final class Resample8Bit {
    static final int CHANNELS = 3;

    private static final double A = -0.5;
    private static final int SCALE = 1 << 22;

    private Resample8Bit() {}

    /**
     * Queues a resampling of an RGB picture and returns the address of the result. Columns first, as the reference; an
     * axis that keeps its length is left alone.
     */
    static long run(CudaDevice device, long picture, int height, int width, int outHeight, int outWidth) {
        int line = outWidth * CHANNELS;
        long result = picture;
        if (width != outWidth) {
            long narrowed = device.scratch((long) height * line);
            axis(device, result, narrowed, width, outWidth, height, width * CHANNELS, CHANNELS, line);
            result = narrowed;
        }
        if (height != outHeight) {
            long lowered = device.scratch((long) outHeight * line);
            axis(device, result, lowered, height, outHeight, outWidth, CHANNELS, line, CHANNELS);
            result = lowered;
        }
        return result;
    }

    /**
     * Resamples one axis from {@code in} to {@code out} samples.
     *
     * @param lines number of lines along the axis
     * @param fromLine bytes between the starts of two lines of the source
     * @param sample bytes between two samples of a line, of source and destination
     * @param toLine bytes between the starts of two lines of the destination
     */
    private static void axis(
            CudaDevice device, long from, long to, int in, int out, int lines, int fromLine, int sample, int toLine) {
        Weights weights = Weights.of(in, out);
        device.launch(Kernel.RESAMPLE)
                .pointer("x", from)
                .pointer("out", to)
                .integer("lines", lines)
                .integer("length", out)
                .integer("channels", CHANNELS)
                .integer("x_line", fromLine)
                .integer("x_sample", sample)
                .integer("out_line", toLine)
                .integer("out_sample", sample)
                .pointer("first", uploaded(device, weights.first))
                .pointer("count", uploaded(device, weights.count))
                .pointer("weights", uploaded(device, weights.weights))
                .integer("taps", weights.taps)
                .over((long) lines * out * CHANNELS);
    }

    private static long uploaded(CudaDevice device, int[] values) {
        return device.uploaded(
                4L * values.length,
                (memory, offset, length) -> memory.asIntBuffer().put(values, Math.toIntExact(offset / 4), length / 4));
    }

    /**
     * The filter of one axis.
     *
     * @param first first source index of each output
     * @param count number of taps of each output
     * @param weights (outputs, taps), rounded to multiples of 2^-22 and scaled by 2^22
     * @param taps row length of the weights
     */
    record Weights(int[] first, int[] count, int[] weights, int taps) {
        /** The weights for an axis of {@code input} samples that becomes {@code output} samples. */
        static Weights of(int input, int output) {
            double scale = (double) input / output;
            double filterScale = Math.max(scale, 1);
            double support = 2 * filterScale;
            int taps = (int) Math.ceil(support) * 2 + 1;
            int[] first = new int[output];
            int[] count = new int[output];
            int[] weights = new int[output * taps];
            for (int i = 0; i < output; i++) {
                double centre = (i + 0.5) * scale;
                first[i] = Math.max((int) (centre - support + 0.5), 0);
                count[i] = Math.min((int) (centre + support + 0.5), input) - first[i];
                double[] exact = new double[count[i]];
                double total = 0;
                for (int j = 0; j < count[i]; j++) {
                    exact[j] = cubic((j + first[i] - centre + 0.5) / filterScale);
                    total += exact[j];
                }
                for (int j = 0; j < count[i]; j++) {
                    double weight = exact[j] / total * SCALE;
                    weights[i * taps + j] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
                }
            }
            return new Weights(first, count, weights, taps);
        }

        private static double cubic(double distance) {
            double x = Math.abs(distance);
            if (x < 1) {
                return ((A + 2) * x - (A + 3)) * x * x + 1;
            }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
        }
    }

    /**
     * One pass with integer weights, along either axis: {@code clip8((2^21 + sum_j w_j p_j) >> 22)}. The steps between
     * lines and between samples count elements; the tables are those of {@link Weights}. One thread per output sample
     * of a line and channel. The horizontal pass has a line per picture row and sample step 3, the vertical pass a line
     * per column.
     */
    enum Kernel implements PtxSource {
        RESAMPLE;

        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "resample_8bit",
                    OutputPixel.THREADS,
                    "One axis of a resampling of bytes with weights scaled by 2^22.");
            String x = w.pointer("x");
            String y = w.pointer("out");
            String lines = w.integer("lines");
            String length = w.integer("length");
            String channels = w.integer("channels");
            String xLine = w.integer("x_line");
            String xSample = w.integer("x_sample");
            String yLine = w.integer("out_line");
            String ySample = w.integer("out_sample");
            String first = w.pointer("first");
            String count = w.pointer("count");
            String weights = w.pointer("weights");
            String taps = w.integer("taps");
            String index = w.globalThread();
            w.exitFrom(index, w.i("mul.lo.s32", w.i("mul.lo.s32", lines, length), channels));
            String pixel = w.i("div.u32", index, channels);
            String channel = w.i("sub.s32", index, w.i("mul.lo.s32", pixel, channels));
            String line = w.i("div.u32", pixel, length);
            String sample = w.i("sub.s32", pixel, w.i("mul.lo.s32", line, length));
            String start = w.i("ld.global.s32", "[" + w.address(first, sample, 4) + "]");
            String end = w.i("ld.global.s32", "[" + w.address(count, sample, 4) + "]");
            String base = w.i("mad.lo.s32", line, xLine, w.i("mad.lo.s32", start, xSample, channel));
            String sum = w.i("mov.u32", 1 << 21);
            w.loop(0, end, 1, tap -> {
                String weight =
                        w.i("ld.global.s32", "[" + w.address(weights, w.i("mad.lo.s32", sample, taps, tap), 4) + "]");
                String value = w.i("ld.global.u8", "[" + w.address(x, w.i("mad.lo.s32", tap, xSample, base), 1) + "]");
                w.op("mad.lo.s32", sum, weight, value, sum);
            });
            String clipped = w.i("min.s32", w.i("max.s32", w.i("shr.s32", sum, 22), 0), 255);
            String to = w.i("mad.lo.s32", line, yLine, w.i("mad.lo.s32", sample, ySample, channel));
            w.op("st.global.u8", "[" + w.address(y, to, 1) + "]", clipped);
            return w.build();
        }
    }
}
