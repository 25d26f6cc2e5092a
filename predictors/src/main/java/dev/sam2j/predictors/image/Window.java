package dev.sam2j.predictors.image;

import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.util.Arrays;
import java.util.Locale;

/**
 * Which samples of a picture become black and white: {@code low} and less is level 0, {@code high} and more is level
 * 255, what is between is spread evenly and rounded.
 *
 * @param low sample that becomes 0
 * @param high sample that becomes 255, more than {@code low}
 */
public record Window(double low, double high) {
    /** Samples that are looked at to find percentiles. */
    private static final int MOST_SORTED = 1 << 20;

    private static final double TAIL = 0.001;
    /** Where the samples of common kinds of pictures end, 1 for floating-point samples only. */
    private static final double[] FULL = {1, 255, 32767, 65535, (1 << 24) - 1, Integer.MAX_VALUE, 4294967295.0};

    private static final double[] FULL_SIGNED = {127, 32767, Integer.MAX_VALUE};

    /** Checks that both ends are finite and in order. */
    public Window {
        if (!Double.isFinite(low) || !Double.isFinite(high) || low >= high) {
            throw new IllegalArgumentException(
                    "window: LOW must be less than HIGH, got " + number(low) + " and " + number(high));
        }
    }

    /** The usual window of samples, as {@link WindowChoice#usual} says. */
    static Window of(Raster samples, int bits) {
        int type = samples.getTransferType();
        boolean floating = type == DataBuffer.TYPE_FLOAT || type == DataBuffer.TYPE_DOUBLE;
        if (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT && bits < 16) {
            return new Window(0, (1 << bits) - 1);
        }
        double[] sorted = sorted(samples);
        if (sorted.length == 0) {
            return new Window(0, floating ? 1 : 255);
        }
        double least = sorted[0];
        double most = sorted[sorted.length - 1];
        double largest = largest(type, bits);
        if (least >= 0) {
            for (double full : FULL) {
                boolean common = full == 1 ? floating : full == 255 || full == 65535 || full == largest;
                if (common && full <= largest && most <= full && most > full / 4) {
                    return new Window(0, full);
                }
            }
        } else if (!floating) {
            for (double full : FULL_SIGNED) {
                if (least >= -full - 1 && most <= full && most - least > full / 2) {
                    return new Window(-full - 1, full);
                }
            }
        }
        double low = sorted[(int) (TAIL * (sorted.length - 1))];
        double high = sorted[(int) Math.ceil((1 - TAIL) * (sorted.length - 1))];
        if (low < high) {
            return new Window(low, high);
        }
        return least < most ? new Window(least, most) : new Window(Math.min(least, 0), Math.max(most, 0) + 1);
    }

    /** The largest integer of a type of samples; floating-point samples may hold those of 32 bits. */
    private static double largest(int type, int bits) {
        return switch (type) {
            case DataBuffer.TYPE_SHORT -> 32767;
            case DataBuffer.TYPE_USHORT -> 65535;
            case DataBuffer.TYPE_INT -> bits < 32 ? (1L << bits) - 1 : Integer.MAX_VALUE;
            default -> 4294967295.0;
        };
    }

    /** Finite samples in ascending order, evenly drawn where there are many, the extremes always among them. */
    private static double[] sorted(Raster samples) {
        int width = samples.getWidth() * samples.getNumBands();
        long step = Math.max(1, (long) width * samples.getHeight() / MOST_SORTED);
        double[] row = new double[width];
        double[] drawn = new double[(int) ((long) width * samples.getHeight() / step) + 3];
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        int count = 0;
        long index = 0;
        for (int y = 0; y < samples.getHeight(); y++) {
            samples.getPixels(samples.getMinX(), samples.getMinY() + y, samples.getWidth(), 1, row);
            for (double value : row) {
                if (Double.isFinite(value)) {
                    least = Math.min(least, value);
                    most = Math.max(most, value);
                    if (index++ % step == 0) {
                        drawn[count++] = value;
                    }
                }
            }
        }
        if (count > 0) {
            drawn[count++] = least;
            drawn[count++] = most;
        }
        Arrays.sort(drawn, 0, count);
        return Arrays.copyOf(drawn, count);
    }

    /** The level of a sample, 0 for NaN. */
    byte level(double sample) {
        double scaled = (sample - low) / (high - low);
        return (byte) Math.round(255 * Math.max(0, Math.min(1, scaled)));
    }

    /** A number as people write it. */
    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.4g", value);
    }

    /** For example {@code 0 to 65535}. */
    @Override
    public String toString() {
        return number(low) + " to " + number(high);
    }
}
