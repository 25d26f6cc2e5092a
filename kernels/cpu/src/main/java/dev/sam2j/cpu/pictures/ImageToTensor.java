package dev.sam2j.cpu.pictures;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Tensor;
import java.util.Arrays;

/** Scaling and normalisation of 8-bit RGB pictures. */
public final class ImageToTensor {
    private static final int CHANNELS = 3;
    private static final int SLOT_LINE = 0;
    private static final int INTS_SUMS = 0;
    /** Output lines in a task of the cubic filter, which share the source lines they have resampled horizontally. */
    private static final int BAND = 32;

    private static final int FIXED_POINT_BITS = 22;
    private static final float[] UNIT = new float[256];

    static {
        for (int v = 0; v < 256; v++) {
            UNIT[v] = v / 255f;
        }
    }

    private ImageToTensor() {}

    /** Scales a picture to the size of out (1, H', W', 3). */
    public static void run(
            byte[] rgb,
            int height,
            int width,
            ResizeFilter filter,
            float[] mean,
            float[] std,
            Tensor out,
            Parallel parallel) {
        switch (filter) {
            case BILINEAR_FLOAT -> triangle(rgb, height, width, mean, std, out, parallel);
            case BICUBIC_8BIT -> cubic(rgb, height, width, mean, std, out, parallel);
        }
    }

    /** Antialiased triangle filter on {@code v / 255} in float32, then {@code (v - mean) / std}. */
    private static void triangle(
            byte[] rgb, int height, int width, float[] mean, float[] std, Tensor tensor, Parallel parallel) {
        Rows out = rows(tensor);
        int outHeight = tensor.dim(1);
        int outWidth = tensor.dim(2);
        ResampleTaps vertical = ResampleTaps.triangle(height, outHeight);
        ResampleTaps horizontal = ResampleTaps.triangle(width, outWidth);
        parallel.forRange(outHeight, 4, (from, to, scratch) -> {
            float[] line = scratch.floats(SLOT_LINE, width * CHANNELS);
            for (int y = from; y < to; y++) {
                Arrays.fill(line, 0, width * CHANNELS, 0);
                for (int j = y * vertical.width; j < y * vertical.width + vertical.count[y]; j++) {
                    if (vertical.weight[j] != 0) {
                        addBytes(
                                rgb, vertical.source[j] * width * CHANNELS, vertical.weight[j], line, width * CHANNELS);
                    }
                }
                for (int x = 0; x < outWidth; x++) {
                    pixel(line, horizontal, x, mean, std, out.data(), out.at(y * outWidth + x));
                }
            }
        });
    }

    private static void addBytes(byte[] rgb, int at, float weight, float[] line, int n) {
        for (int i = 0; i < n; i++) {
            line[i] += weight * UNIT[rgb[at + i] & 255];
        }
    }

    private static void pixel(float[] line, ResampleTaps taps, int x, float[] mean, float[] std, float[] out, int at) {
        float red = 0;
        float green = 0;
        float blue = 0;
        for (int j = x * taps.width; j < x * taps.width + taps.count[x]; j++) {
            float weight = taps.weight[j];
            int source = taps.source[j] * CHANNELS;
            red += weight * line[source];
            green += weight * line[source + 1];
            blue += weight * line[source + 2];
        }
        out[at] = (red - mean[0]) / std[0];
        out[at + 1] = (green - mean[1]) / std[1];
        out[at + 2] = (blue - mean[2]) / std[2];
    }

    /**
     * Antialiased cubic filter on 8-bit values with fixed-point weights, rounded to 8 bits between the passes, then
     * division by 255 in float64, rounding to float32 and {@code (v - mean) / std}.
     */
    private static void cubic(
            byte[] rgb, int height, int width, float[] mean, float[] std, Tensor tensor, Parallel parallel) {
        Rows out = rows(tensor);
        int outHeight = tensor.dim(1);
        int outWidth = tensor.dim(2);
        ResampleTaps vertical = ResampleTaps.fixedPointCubic(height, outHeight);
        ResampleTaps horizontal = ResampleTaps.fixedPointCubic(width, outWidth);
        float[] normalized = new float[256 * CHANNELS];
        for (int i = 0; i < normalized.length; i++) {
            float value = (float) (i / CHANNELS / 255.0);
            normalized[i] = (value - mean[i % CHANNELS]) / std[i % CHANNELS];
        }
        int lineBytes = outWidth * CHANNELS;
        parallel.forRange(outHeight, BAND, (from, to, scratch) -> {
            int first = vertical.source[from * vertical.width];
            int last = vertical.source[(to - 1) * vertical.width] + vertical.count[to - 1];
            byte[] lines = new byte[Math.multiplyExact(last - first, lineBytes)];
            for (int y = first; y < last; y++) {
                horizontal(rgb, y * width * CHANNELS, horizontal, outWidth, lines, (y - first) * lineBytes);
            }
            int[] sums = scratch.ints(INTS_SUMS, lineBytes);
            for (int y = from; y < to; y++) {
                vertical(lines, first, vertical, y, lineBytes, sums);
                for (int i = 0; i < lineBytes; i++) {
                    int value = clip(sums[i]) * CHANNELS + i % CHANNELS;
                    out.data()[out.at(y * outWidth + i / CHANNELS) + i % CHANNELS] = normalized[value];
                }
            }
        });
    }

    private static void horizontal(byte[] rgb, int at, ResampleTaps taps, int outWidth, byte[] line, int to) {
        for (int x = 0; x < outWidth; x++) {
            int red = 1 << (FIXED_POINT_BITS - 1);
            int green = red;
            int blue = red;
            for (int j = x * taps.width; j < x * taps.width + taps.count[x]; j++) {
                int weight = (int) taps.weight[j];
                int source = at + taps.source[j] * CHANNELS;
                red += weight * (rgb[source] & 255);
                green += weight * (rgb[source + 1] & 255);
                blue += weight * (rgb[source + 2] & 255);
            }
            line[to + x * CHANNELS] = (byte) clip(red);
            line[to + x * CHANNELS + 1] = (byte) clip(green);
            line[to + x * CHANNELS + 2] = (byte) clip(blue);
        }
    }

    private static void vertical(byte[] lines, int first, ResampleTaps taps, int y, int n, int[] sums) {
        Arrays.fill(sums, 0, n, 1 << (FIXED_POINT_BITS - 1));
        for (int j = y * taps.width; j < y * taps.width + taps.count[y]; j++) {
            int weight = (int) taps.weight[j];
            int at = (taps.source[j] - first) * n;
            for (int i = 0; i < n; i++) {
                sums[i] += weight * (lines[at + i] & 255);
            }
        }
    }

    private static int clip(int sum) {
        return Math.max(0, Math.min(255, sum >> FIXED_POINT_BITS));
    }
}
