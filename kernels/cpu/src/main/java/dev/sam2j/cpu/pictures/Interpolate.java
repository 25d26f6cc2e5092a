package dev.sam2j.cpu.pictures;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Parallel;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Tensor;
import java.util.Arrays;

/** Resampling of pictures: source lines are blended into one, whose pixels are blended into the output line. */
public final class Interpolate {
    private static final int SLOT_LINE = 0;
    /** From this many channels on a pixel is worth a call of the loops. */
    private static final int MANY_CHANNELS = 16;

    private Interpolate() {}

    /** x (B, H, W, C) to out (B, H', W', C). */
    public static void run(Tensor x, Interpolation filter, Tensor out, PictureKernels loops, Parallel parallel) {
        Rows from = rows(x);
        Rows to = rows(out);
        int height = x.dim(1);
        int width = x.dim(2);
        int outHeight = out.dim(1);
        int outWidth = out.dim(2);
        int channels = x.cols();
        ResampleTaps vertical = taps(filter, height, outHeight);
        ResampleTaps horizontal = taps(filter, width, outWidth);
        int grain = Math.max(1, (1 << 13) / (outWidth * channels));
        parallel.forRange(out.dim(0) * outHeight, grain, (first, end, scratch) -> {
            float[] line = scratch.floats(SLOT_LINE, width * channels);
            for (int y = first; y < end; y++) {
                int firstLine = y / outHeight * height;
                blendLines(from, firstLine, width, channels, vertical, y % outHeight, line, loops);
                if (channels < MANY_CHANNELS) {
                    blendFewChannels(line, horizontal, to, y * outWidth, outWidth, channels);
                } else {
                    blendPixels(line, horizontal, to, y * outWidth, outWidth, channels, loops);
                }
            }
        });
    }

    private static ResampleTaps taps(Interpolation filter, int in, int out) {
        return switch (filter) {
            case NEAREST -> ResampleTaps.nearest(in, out);
            case BILINEAR -> ResampleTaps.bilinear(in, out);
            case BILINEAR_ANTIALIAS -> ResampleTaps.triangle(in, out);
            case BICUBIC -> ResampleTaps.bicubic(in, out);
        };
    }

    /** {@code line = sum of weight * source line}. */
    private static void blendLines(
            Rows x,
            int firstLine,
            int width,
            int channels,
            ResampleTaps taps,
            int output,
            float[] line,
            PictureKernels loops) {
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
            float[] line, ResampleTaps taps, Rows out, int firstRow, int outWidth, int channels, PictureKernels loops) {
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
