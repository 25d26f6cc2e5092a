package dev.sam2j.predictors.mask;

import dev.sam2j.predictors.mask.regions.Bits;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.LongBinaryOperator;

/**
 * An immutable set of pixels of a picture, one bit per pixel in row-major order. Width and height are at least 1 and
 * their product is at most 2<sup>31</sup> - 64.
 */
public final class Mask {
    private final int width;
    private final int height;
    private final long[] bits;
    private final int area;

    /** Takes over {@code bits}, which nobody else may change; bits past the last pixel must be 0. */
    private Mask(int width, int height, long[] bits) {
        this.width = width;
        this.height = height;
        this.bits = bits;
        int count = 0;
        for (long word : bits) {
            count += Long.bitCount(word);
        }
        this.area = count;
    }

    /**
     * {@link #of(int, int, long[])} without a copy: the array belongs to the mask from now on. Bits past the last pixel
     * are cleared.
     *
     * @throws IllegalArgumentException if the size is not positive or too large, or the array is not as long as needed
     */
    public static Mask owning(int width, int height, long[] bits) {
        int pixels = checkedPixels(width, height);
        if (bits.length != Bits.words(pixels)) {
            throw new IllegalArgumentException("mask: " + width + "x" + height + " needs " + Bits.words(pixels)
                    + " words, got an array of " + bits.length);
        }
        int tail = pixels & 63;
        if (tail != 0) {
            bits[bits.length - 1] &= (1L << tail) - 1;
        }
        return new Mask(width, height, bits);
    }

    /**
     * A mask of packed bits, as {@code Backend.thresholdMask} writes them: pixel {@code i = y * width + x} is bit
     * {@code i % 64} of word {@code offset + i / 64}. The bits are copied.
     *
     * @throws IllegalArgumentException if the size is not positive or too large, or there are too few words
     */
    public static Mask of(int width, int height, long[] bits, int offset) {
        int words = Bits.words(checkedPixels(width, height));
        if (offset < 0 || bits.length - offset < words) {
            throw new IllegalArgumentException("mask: " + width + "x" + height + " needs " + words + " words from "
                    + offset + " on, got an array of " + bits.length);
        }
        return owning(width, height, Arrays.copyOfRange(bits, offset, offset + words));
    }

    /** {@link #of(int, int, long[], int)} from the start of the array. */
    public static Mask of(int width, int height, long[] bits) {
        return of(width, height, bits, 0);
    }

    /** A mask without pixels. */
    public static Mask empty(int width, int height) {
        return new Mask(width, height, new long[Bits.words(checkedPixels(width, height))]);
    }

    /** A mask of all pixels. */
    public static Mask full(int width, int height) {
        return empty(width, height).not();
    }

    /**
     * The pixels whose byte is not 0.
     *
     * @param pixels one byte per pixel, row-major, {@code width * height} of them
     */
    public static Mask ofBytes(int width, int height, byte[] pixels) {
        checkLength(width, height, pixels.length);
        long[] bits = new long[Bits.words(pixels.length)];
        for (int i = 0; i < pixels.length; i++) {
            if (pixels[i] != 0) {
                bits[i >> 6] |= 1L << i;
            }
        }
        return new Mask(width, height, bits);
    }

    /**
     * The pixels whose logit is greater than {@code threshold}; NaN is not.
     *
     * @param logits one value per pixel, row-major, {@code width * height} of them
     */
    public static Mask ofLogits(int width, int height, float[] logits, float threshold) {
        checkLength(width, height, logits.length);
        long[] bits = new long[Bits.words(logits.length)];
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] > threshold) {
                bits[i >> 6] |= 1L << i;
            }
        }
        return new Mask(width, height, bits);
    }

    /** All pixels of {@code box}, which must lie inside the mask. */
    public static Mask ofBox(int width, int height, PixelBox box) {
        Mask mask = empty(width, height);
        if (!box.isEmpty()) {
            mask.checkInside(box.xMin(), box.yMin());
            mask.checkInside(box.xMax(), box.yMax());
        }
        for (int y = box.yMin(); y <= box.yMax(); y++) {
            Bits.set(mask.bits, y * width + box.xMin(), y * width + box.xMax() + 1);
        }
        return new Mask(width, height, mask.bits);
    }

    /** Number of columns. */
    public int width() {
        return width;
    }

    /** Number of rows. */
    public int height() {
        return height;
    }

    /** Whether the pixel in column {@code x} of row {@code y} is in the mask. */
    public boolean get(int x, int y) {
        checkInside(x, y);
        int i = y * width + x;
        return (bits[i >> 6] >>> i & 1) != 0;
    }

    /** Number of pixels in the mask. */
    public int area() {
        return area;
    }

    /** Whether no pixel is in the mask. */
    public boolean isEmpty() {
        return area == 0;
    }

    /** The smallest box around all pixels, {@link PixelBox#EMPTY} if there are none. */
    public PixelBox boundingBox() {
        if (area == 0) {
            return PixelBox.EMPTY;
        }
        int pixels = width * height;
        int yMin = Bits.nextSet(bits, 0, pixels) / width;
        int yMax = Bits.previousSet(bits, 0, pixels) / width;
        int xMin = width;
        int xMax = -1;
        for (int y = yMin; y <= yMax; y++) {
            int row = y * width;
            xMin = Bits.nextSet(bits, row, row + xMin) - row;
            xMax = Bits.previousSet(bits, row + xMax + 1, row + width) - row;
        }
        return new PixelBox(xMin, yMin, xMax, yMax);
    }

    /** Number of pixels in both masks, which must have the same size. */
    public int intersectionArea(Mask other) {
        checkSameSize(other);
        int count = 0;
        for (int i = 0; i < bits.length; i++) {
            count += Long.bitCount(bits[i] & other.bits[i]);
        }
        return count;
    }

    /** Intersection over union with a mask of the same size; 1 if both are empty. */
    public double iou(Mask other) {
        int intersection = intersectionArea(other);
        long union = (long) area + other.area - intersection;
        return union == 0 ? 1 : (double) intersection / union;
    }

    /** The pixels in both masks. */
    public Mask and(Mask other) {
        return combined(other, (a, b) -> a & b);
    }

    /** The pixels in either mask. */
    public Mask or(Mask other) {
        return combined(other, (a, b) -> a | b);
    }

    /** The pixels of this mask that are not in the other. */
    public Mask andNot(Mask other) {
        return combined(other, (a, b) -> a & ~b);
    }

    private Mask combined(Mask other, LongBinaryOperator words) {
        checkSameSize(other);
        long[] result = new long[bits.length];
        Arrays.setAll(result, i -> words.applyAsLong(bits[i], other.bits[i]));
        return new Mask(width, height, result);
    }

    /** The pixels not in this mask. */
    public Mask not() {
        long[] result = new long[bits.length];
        Arrays.setAll(result, i -> ~bits[i]);
        return owning(width, height, result);
    }

    /**
     * This mask as a part of a larger picture: its pixel (0, 0) becomes pixel {@code (x, y)} of an otherwise empty
     * mask.
     *
     * @throws IllegalArgumentException if it would reach over a border
     */
    public Mask placedAt(int x, int y, int fullWidth, int fullHeight) {
        int pixels = checkedPixels(fullWidth, fullHeight);
        if (x < 0 || y < 0 || x > fullWidth - width || y > fullHeight - height) {
            throw new IllegalArgumentException("mask: " + width + "x" + height + " at (" + x + ", " + y
                    + ") reaches out of " + fullWidth + "x" + fullHeight);
        }
        long[] result = new long[Bits.words(pixels)];
        for (int row = 0; row < height; row++) {
            int to = (y + row) * fullWidth + x;
            for (int column = 0; column < width; column += 64) {
                int count = Math.min(64, width - column);
                Bits.or(result, to + column, count, Bits.extract(bits, row * width + column, count));
            }
        }
        return new Mask(fullWidth, fullHeight, result);
    }

    /** Receives runs of pixels. */
    @FunctionalInterface
    public interface RunConsumer {
        /** Pixels {@code from} (inclusive) to {@code to} (exclusive) in row-major order. */
        void run(int from, int to);
    }

    /** Passes all maximal runs of set pixels, ascending; a run may continue from the end of a row into the next. */
    public void forEachRun(RunConsumer consumer) {
        int pixels = width * height;
        int from = Bits.nextSet(bits, 0, pixels);
        while (from < pixels) {
            int to = Bits.nextClear(bits, from, pixels);
            consumer.run(from, to);
            from = Bits.nextSet(bits, to, pixels);
        }
    }

    /** A copy of the bits, packed as {@link #of(int, int, long[], int)} takes them. */
    public long[] toBits() {
        return bits.clone();
    }

    /** A copy as a bit set: bit {@code y * width + x} is pixel {@code (x, y)}. */
    public BitSet toBitSet() {
        return BitSet.valueOf(bits);
    }

    /** One byte per pixel, row-major: {@code on} where the pixel is in the mask, 0 elsewhere. */
    public byte[] toBytes(int on) {
        byte[] pixels = new byte[width * height];
        forEachRun((from, to) -> Arrays.fill(pixels, from, to, (byte) on));
        return pixels;
    }

    /** An 8-bit grey picture: 255 where the pixel is in the mask, 0 elsewhere. */
    public BufferedImage toBufferedImage() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        byte[] data = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
        System.arraycopy(toBytes(255), 0, data, 0, data.length);
        return image;
    }

    /** A 1-bit black and white picture: white where the pixel is in the mask. */
    public BufferedImage toBinaryImage() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY);
        image.getRaster().setDataElements(0, 0, width, height, toBytes(1));
        return image;
    }

    /** The words themselves, for reading only. */
    long[] bits() {
        return bits;
    }

    static int checkedPixels(int width, int height) {
        if (width < 1 || height < 1 || (long) width * height > Integer.MAX_VALUE - 63) {
            throw new IllegalArgumentException(
                    "mask: size must be between 1x1 and 2^31 - 64 pixels, got " + width + "x" + height);
        }
        return width * height;
    }

    private static void checkLength(int width, int height, int length) {
        if (checkedPixels(width, height) != length) {
            throw new IllegalArgumentException(
                    "mask: " + width + "x" + height + " needs " + width * height + " values, got " + length);
        }
    }

    private void checkInside(int x, int y) {
        if (x < 0 || y < 0 || x >= width || y >= height) {
            throw new IndexOutOfBoundsException(
                    "mask: pixel (" + x + ", " + y + ") is outside " + width + "x" + height);
        }
    }

    private void checkSameSize(Mask other) {
        if (width != other.width || height != other.height) {
            throw new IllegalArgumentException(
                    "mask: sizes differ, " + width + "x" + height + " and " + other.width + "x" + other.height);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Mask mask
                && width == mask.width
                && height == mask.height
                && Arrays.equals(bits, mask.bits);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + height) + Arrays.hashCode(bits);
    }

    /** For example {@code Mask[640x480, area 1234]}. */
    @Override
    public String toString() {
        return "Mask[" + width + "x" + height + ", area " + area + "]";
    }
}
