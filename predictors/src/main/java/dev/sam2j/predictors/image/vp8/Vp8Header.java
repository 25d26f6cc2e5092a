package dev.sam2j.predictors.image.vp8;

import dev.sam2j.predictors.image.pixels.Bytes;
import java.io.IOException;

/** The header of a VP8 key frame (RFC 6386, section 9). */
final class Vp8Header {
    private static final int SEGMENTS = 4;

    final int width;
    final int height;
    /** Modes of all macroblocks, after the header. */
    final Vp8Bits modes;
    /** Coefficients; row r of macroblocks is in partition r modulo their number. */
    final Vp8Bits[] partitions;

    final boolean segmentMap;
    final int[] segmentProbabilities = {255, 255, 255};
    final int[] filterLevels = new int[SEGMENTS];
    /** For each segment: step of the first and of the other coefficients of Y, of Y2, of U and V. */
    final int[][] steps = new int[SEGMENTS][6];

    final boolean simpleFilter;
    final int sharpness;
    /** What is added to the level of macroblocks of whole and of split prediction. */
    final int wholeDelta;

    final int splitDelta;
    final int[] coefficients = Vp8Tables.DEFAULT_COEFFICIENTS.clone();
    /** Probability that a macroblock has coefficients, or -1 where all have. */
    final int skipProbability;

    /** Reads the header; {@code data} is the chunk's content. */
    Vp8Header(byte[] data) throws IOException {
        int tag = Bytes.u16(data, 0, true) | Bytes.u8(data, 2) << 16;
        if (data.length < 10 || (tag & 1) != 0 || Bytes.u16(data, 3, false) != 0x9D01 || data[5] != 0x2A) {
            throw new IOException("its VP8 data do not start with a key frame");
        }
        width = Bytes.u16(data, 6, true) & 0x3FFF;
        height = Bytes.u16(data, 8, true) & 0x3FFF;
        int firstEnd = 10 + (tag >> 5);
        if (firstEnd > data.length) {
            throw new IOException("its VP8 data end early");
        }
        Vp8Bits in = new Vp8Bits(data, 10, firstEnd);
        in.number(2); // colour space and clamping, of no effect here
        int[] quantizers = new int[SEGMENTS];
        boolean absolute = false;
        boolean map = false;
        boolean segmented = in.flag();
        if (segmented) {
            map = in.flag();
            if (in.flag()) {
                absolute = in.flag();
                readAll(quantizers, in, 7);
                readAll(filterLevels, in, 6);
            }
            for (int i = 0; map && i < 3; i++) {
                segmentProbabilities[i] = in.flag() ? in.number(8) : 255;
            }
        }
        segmentMap = map;
        simpleFilter = in.flag();
        int level = in.number(6);
        sharpness = in.number(3);
        int[] references = new int[4];
        int[] modeDeltas = new int[4];
        boolean deltas = in.flag();
        if (deltas && in.flag()) {
            readAll(references, in, 6);
            readAll(modeDeltas, in, 6);
        }
        wholeDelta = references[0];
        splitDelta = references[0] + modeDeltas[0];
        partitions = partitions(data, firstEnd, 1 << in.number(2));
        readSteps(in, quantizers, absolute);
        for (int s = 0; s < SEGMENTS; s++) {
            filterLevels[s] = clamp(absolute && segmented ? filterLevels[s] : level + filterLevels[s], 63);
        }
        in.flag(); // whether the probabilities outlive the frame
        for (int i = 0; i < coefficients.length; i++) {
            if (in.bit(Vp8Tables.COEFFICIENT_UPDATES[i]) != 0) {
                coefficients[i] = in.number(8);
            }
        }
        skipProbability = in.flag() ? in.number(8) : -1;
        modes = in;
    }

    private static void readAll(int[] values, Vp8Bits in, int bits) {
        for (int i = 0; i < values.length; i++) {
            values[i] = in.optionalSigned(bits);
        }
    }

    private static Vp8Bits[] partitions(byte[] data, int sizes, int count) {
        Vp8Bits[] partitions = new Vp8Bits[count];
        int from = sizes + 3 * (count - 1);
        for (int i = 0; i < count; i++) {
            int size = Bytes.u16(data, sizes + 3L * i, true) | Bytes.u8(data, sizes + 3L * i + 2) << 16;
            int to = i == count - 1 || size < 0 ? data.length : Math.min(data.length, from + size);
            partitions[i] = new Vp8Bits(data, from, to);
            from = to;
        }
        return partitions;
    }

    private void readSteps(Vp8Bits in, int[] quantizers, boolean absolute) {
        int base = in.number(7);
        int[] deltas = new int[5];
        readAll(deltas, in, 4);
        for (int s = 0; s < SEGMENTS; s++) {
            int q = clamp(absolute ? quantizers[s] : base + quantizers[s], 127);
            steps[s][0] = Vp8Tables.DC_STEP[clamp(q + deltas[0], 127)];
            steps[s][1] = Vp8Tables.AC_STEP[q];
            steps[s][2] = Vp8Tables.DC_STEP[clamp(q + deltas[1], 127)] * 2;
            steps[s][3] = Math.max(8, Vp8Tables.AC_STEP[clamp(q + deltas[2], 127)] * 155 / 100);
            steps[s][4] = Vp8Tables.DC_STEP[clamp(q + deltas[3], 117)];
            steps[s][5] = Vp8Tables.AC_STEP[clamp(q + deltas[4], 127)];
        }
    }

    private static int clamp(int value, int most) {
        return Math.max(0, Math.min(most, value));
    }
}
