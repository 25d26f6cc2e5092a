package dev.sam2j.cpu.pictures;

import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import java.util.Arrays;

/** Resampling of pictures: source lines are blended into one, whose pixels are blended into the output line. */
public final class Interpolate {
    /** The filters; {@code Interpolation} of the tensor module defines them. */
    public enum Filter {
        NEAREST,
        BILINEAR,
        TRIANGLE,
        BICUBIC;

        ResampleTaps taps(int in, int out) {
            switch (this) {
                case NEAREST:
                    return ResampleTaps.nearest(in, out);
                case BILINEAR:
                    return ResampleTaps.bilinear(in, out);
                case TRIANGLE:
                    return ResampleTaps.triangle(in, out);
                default:
                    return ResampleTaps.bicubic(in, out);
            }
        }
    }

    private static final int SLOT_LINE = 0;
    /** From this many channels on a pixel is worth a call of the row kernels. */
    private static final int MANY_CHANNELS = 16;

    private Interpolate() {}

    /** x (batch, height, width, channels) to out (batch, outHeight, outWidth, channels). */
    public static void run(
            Rows x,
            int height,
            int width,
            Filter filter,
            Rows out,
            int outHeight,
            int outWidth,
            int batch,
            int channels,
            RowKernels loops,
            Parallel parallel) {
        ResampleTaps vertical = filter.taps(height, outHeight);
        ResampleTaps horizontal = filter.taps(width, outWidth);
        int grain = Math.max(1, (1 << 13) / (outWidth * channels));
        parallel.forRange(batch * outHeight, grain, (from, to, scratch) -> {
            float[] line = scratch.floats(SLOT_LINE, width * channels);
            for (int y = from; y < to; y++) {
                int firstLine = y / outHeight * height;
                blendLines(x, firstLine, width, channels, vertical, y % outHeight, line, loops);
                if (channels < MANY_CHANNELS) {
                    blendFewChannels(line, horizontal, out, y * outWidth, outWidth, channels);
                } else {
                    blendPixels(line, horizontal, out, y * outWidth, outWidth, channels, loops);
                }
            }
        });
    }

    /** {@code line = sum of weight * source line}. */
    static void blendLines(
            Rows x,
            int firstLine,
            int width,
            int channels,
            ResampleTaps taps,
            int output,
            float[] line,
            RowKernels loops) {
        Arrays.fill(line, 0, width * channels, 0);
        boolean gaps = x.stride() != channels;
        for (int j = 0; j < taps.count[output]; j++) {
            float weight = taps.weight[output * taps.width + j];
            if (weight == 0) {
                continue;
            }
            int row = (firstLine + taps.source[output * taps.width + j]) * width;
            if (!gaps) {
                loops.addScaled(weight, x.data(), x.at(row), line, 0, width * channels);
                continue;
            }
            for (int i = 0; i < width; i++) {
                loops.addScaled(weight, x.data(), x.at(row + i), line, i * channels, channels);
            }
        }
    }

    private static void blendPixels(
            float[] line, ResampleTaps taps, Rows out, int firstRow, int outWidth, int channels, RowKernels loops) {
        for (int i = 0; i < outWidth; i++) {
            int at = out.at(firstRow + i);
            Arrays.fill(out.data(), at, at + channels, 0);
            for (int j = i * taps.width; j < i * taps.width + taps.count[i]; j++) {
                loops.addScaled(taps.weight[j], line, taps.source[j] * channels, out.data(), at, channels);
            }
        }
    }

    private static void blendFewChannels(
            float[] line, ResampleTaps taps, Rows out, int firstRow, int outWidth, int channels) {
        for (int i = 0; i < outWidth; i++) {
            int at = out.at(firstRow + i);
            int first = i * taps.width;
            for (int c = 0; c < channels; c++) {
                float sum = 0;
                for (int j = first; j < first + taps.count[i]; j++) {
                    sum += taps.weight[j] * line[taps.source[j] * channels + c];
                }
                out.data()[at + c] = sum;
            }
        }
    }
}
