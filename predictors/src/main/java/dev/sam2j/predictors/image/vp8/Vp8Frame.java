package dev.sam2j.predictors.image.vp8;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.util.Arrays;

/**
 * Decodes a VP8 key frame (RFC 6386), the content of lossy WebP files, to the very pixels that libwebp gives. The WebP
 * reader among ImageIO's plugins gives others, up to 70 levels off.
 */
public final class Vp8Frame {
    private static final int[] SUBBLOCK_TREE = {0, 2, -1, 4, -2, 6, 8, 12, -3, 10, -5, -6, -4, 14, -7, 16, -8, -9};
    /** Modes of 4x4 blocks that stand for those of whole macroblocks in the contexts of their neighbours. */
    private static final int[] AS_SUBBLOCK = {0, 2, 3, 1};

    private final Vp8Header header;
    private final int columns;
    private final int rows;
    /** Y, U, V. */
    private final Plane[] planes;

    private final Vp8Coefficients coefficients;
    private final int[] modesAbove;
    private final int[] modesLeft = new int[4];
    private final int[] modes = new int[16];
    /** Level of the loop filter for each macroblock, negative where it leaves edges inside alone. */
    private final byte[] filters;

    /** Samples with a row above, a column to the left and four to the right. */
    static final class Plane {
        final byte[] samples;
        final int stride;

        private Plane(int width, int height) {
            stride = width + 5;
            samples = new byte[Math.multiplyExact(stride, height + 1)];
            Arrays.fill(samples, 0, stride, (byte) 127);
            for (int y = 1; y <= height; y++) {
                samples[y * stride] = (byte) 129;
            }
        }

        int at(int x, int y) {
            return (y + 1) * stride + x + 1;
        }
    }

    private Vp8Frame(Vp8Header header) {
        this.header = header;
        this.columns = (header.width + 15) / 16;
        this.rows = (header.height + 15) / 16;
        this.planes = new Plane[] {
            new Plane(16 * columns, 16 * rows), new Plane(8 * columns, 8 * rows), new Plane(8 * columns, 8 * rows)
        };
        this.coefficients = new Vp8Coefficients(header.coefficients, columns);
        this.modesAbove = new int[4 * columns];
        this.filters = new byte[columns * rows];
    }

    /** The size that a frame claims: width and height. */
    public static int[] size(byte[] data) throws IOException {
        Vp8Header header = new Vp8Header(data);
        return new int[] {header.width, header.height};
    }

    /** Decodes the content of a {@code VP8} chunk. */
    public static BufferedImage decode(byte[] data) throws IOException {
        Vp8Frame frame = new Vp8Frame(new Vp8Header(data));
        for (int y = 0; y < frame.rows; y++) {
            frame.decodeRow(y);
        }
        Vp8LoopFilter.apply(frame.planes, frame.filters, frame.columns, frame.header);
        BufferedImage image = new BufferedImage(frame.header.width, frame.header.height, BufferedImage.TYPE_3BYTE_BGR);
        Vp8Colours.convert(
                frame.planes,
                image.getWidth(),
                image.getHeight(),
                ((DataBufferByte) image.getRaster().getDataBuffer()).getData());
        return image;
    }

    private void decodeRow(int y) {
        Vp8Bits in = header.modes;
        Vp8Bits tokens = header.partitions[y % header.partitions.length];
        Arrays.fill(modesLeft, 0);
        coefficients.beginRow();
        for (int x = 0; x < columns; x++) {
            int[] tree = header.segmentProbabilities;
            int segment = !header.segmentMap ? 0 : in.bit(tree[0]) == 0 ? in.bit(tree[1]) : 2 + in.bit(tree[2]);
            boolean skipped = header.skipProbability >= 0 && in.bit(header.skipProbability) != 0;
            int luma = readLumaMode(in, x);
            int chroma = in.bit(142) == 0 ? 0 : in.bit(114) == 0 ? 1 : 2 + in.bit(183);
            boolean split = luma == Vp8Prediction.SPLIT;
            boolean empty = true;
            if (skipped) {
                coefficients.skip(x, split);
            } else {
                empty = !coefficients.read(tokens, x, split, header.steps[segment]);
            }
            reconstruct(x, y, luma, chroma);
            int level = header.filterLevels[segment] + (split ? header.splitDelta : header.wholeDelta);
            level = Math.max(0, Math.min(63, level));
            filters[y * columns + x] = (byte) (split || !empty ? level : -level);
        }
    }

    /** Reads the mode of a macroblock and, if it is split, of its blocks. */
    private int readLumaMode(Vp8Bits in, int x) {
        if (in.bit(145) != 0) {
            int mode = in.bit(156) == 0 ? in.bit(163) : 2 + in.bit(128);
            Arrays.fill(modesAbove, 4 * x, 4 * x + 4, AS_SUBBLOCK[mode]);
            Arrays.fill(modesLeft, AS_SUBBLOCK[mode]);
            return mode;
        }
        for (int b = 0; b < 16; b++) {
            int above = 4 * x + b % 4;
            int probabilities = (modesAbove[above] * Vp8Tables.MODES + modesLeft[b / 4]) * 9;
            int node = 0;
            do {
                node = SUBBLOCK_TREE[node + in.bit(Vp8Tables.SUBBLOCK_MODES[probabilities + node / 2])];
            } while (node > 0);
            modes[b] = -node;
            modesAbove[above] = -node;
            modesLeft[b / 4] = -node;
        }
        return Vp8Prediction.SPLIT;
    }

    private void reconstruct(int x, int y, int luma, int chroma) {
        Plane plane = planes[0];
        if (luma == Vp8Prediction.SPLIT) {
            reconstructBlocks(x, y);
        } else {
            Vp8Prediction.square(plane.samples, plane.at(16 * x, 16 * y), plane.stride, 16, luma, y > 0, x > 0);
            for (int b = 0; b < 16; b++) {
                int at = plane.at(16 * x + b % 4 * 4, 16 * y + b / 4 * 4);
                coefficients.addTo(plane.samples, at, plane.stride, b);
            }
        }
        for (int p = 1; p < 3; p++) {
            plane = planes[p];
            Vp8Prediction.square(plane.samples, plane.at(8 * x, 8 * y), plane.stride, 8, chroma, y > 0, x > 0);
            for (int b = 0; b < 4; b++) {
                int at = plane.at(8 * x + b % 2 * 4, 8 * y + b / 2 * 4);
                coefficients.addTo(plane.samples, at, plane.stride, 12 + 4 * p + b);
            }
        }
    }

    private void reconstructBlocks(int x, int y) {
        Plane plane = planes[0];
        int[] right = new int[4];
        for (int b = 0; b < 16; b++) {
            int at = plane.at(16 * x + b % 4 * 4, 16 * y + b / 4 * 4);
            // Right of the macroblock only the row above it is known.
            int above = b % 4 == 3 ? plane.at(16 * x + 16, 16 * y - 1) : at - plane.stride + 4;
            boolean outside = b % 4 == 3 && x == columns - 1 && y > 0;
            for (int i = 0; i < 4; i++) {
                right[i] = plane.samples[outside ? above - 1 : above + i] & 255;
            }
            Vp8Prediction.block(plane.samples, at, plane.stride, modes[b], right);
            coefficients.addTo(plane.samples, at, plane.stride, b);
        }
    }

    static byte clip(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
