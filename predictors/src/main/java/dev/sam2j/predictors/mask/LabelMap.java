package dev.sam2j.predictors.mask;

import dev.sam2j.predictors.mask.regions.Bits;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** An immutable picture of labels: 0 is background, each other value up to 65535 is one object. */
public final class LabelMap {
    /** Largest label. */
    public static final int MAX_LABEL = 65535;

    private final int width;
    private final int height;
    private final char[] labels;

    private LabelMap(int width, int height, char[] labels) {
        this.width = width;
        this.height = height;
        this.labels = labels;
    }

    /**
     * A map of the given labels.
     *
     * @param labels {@code width * height} values from 0 to {@link #MAX_LABEL}, row-major
     * @throws IllegalArgumentException if the size does not match or a label is out of range
     */
    public static LabelMap of(int width, int height, int[] labels) {
        if (width < 1 || height < 1 || (long) width * height != labels.length) {
            throw new IllegalArgumentException(
                    "label map: " + width + "x" + height + " does not match " + labels.length + " labels");
        }
        char[] copy = new char[labels.length];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = (char) checked(labels[i]);
        }
        return new LabelMap(width, height, copy);
    }

    /**
     * Mask {@code i} becomes label {@code i + 1}; where masks overlap the earlier one wins.
     *
     * @throws IllegalArgumentException if sizes differ or there are more than {@link #MAX_LABEL} masks
     */
    public static LabelMap ofMasks(int width, int height, List<Mask> masks) {
        int[] labels = new int[masks.size()];
        Arrays.setAll(labels, i -> i + 1);
        return ofMasks(width, height, masks, labels);
    }

    /** Mask {@code i} becomes {@code labels[i]}, which is at least 1; where masks overlap the earlier one wins. */
    public static LabelMap ofMasks(int width, int height, List<Mask> masks, int[] labels) {
        if (masks.size() != labels.length) {
            throw new IllegalArgumentException(
                    "label map: " + masks.size() + " masks but " + labels.length + " labels");
        }
        char[] map = new char[Math.multiplyExact(width, height)];
        for (int m = masks.size() - 1; m >= 0; m--) {
            Mask mask = masks.get(m);
            if (mask.width() != width || mask.height() != height) {
                throw new IllegalArgumentException("label map: mask " + m + " has " + mask.width() + "x" + mask.height()
                        + " pixels, expected " + width + "x" + height);
            }
            char label = (char) checked(labels[m]);
            mask.forEachRun((from, to) -> Arrays.fill(map, from, to, label));
        }
        return new LabelMap(width, height, map);
    }

    private static int checked(int label) {
        if (label < 0 || label > MAX_LABEL) {
            throw new IllegalArgumentException("label map: labels go from 0 to " + MAX_LABEL + ", got " + label);
        }
        return label;
    }

    /** Number of columns. */
    public int width() {
        return width;
    }

    /** Number of rows. */
    public int height() {
        return height;
    }

    /** The label of a pixel. */
    public int get(int x, int y) {
        if (x < 0 || y < 0 || x >= width || y >= height) {
            throw new IndexOutOfBoundsException(
                    "label map: pixel (" + x + ", " + y + ") is outside " + width + "x" + height);
        }
        return labels[y * width + x];
    }

    /** All labels but 0 that occur, ascending. */
    public int[] objects() {
        BitSet seen = new BitSet(MAX_LABEL + 1);
        for (char label : labels) {
            seen.set(label);
        }
        seen.clear(0);
        return seen.stream().toArray();
    }

    /** The pixels of one label. */
    public Mask mask(int label) {
        long[] bits = new long[Bits.words(labels.length)];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == label) {
                bits[i >> 6] |= 1L << i;
            }
        }
        return Mask.owning(width, height, bits);
    }

    /** A copy of all labels, row-major. */
    public int[] toLabels() {
        int[] copy = new int[labels.length];
        Arrays.setAll(copy, i -> labels[i]);
        return copy;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LabelMap map && width == map.width && Arrays.equals(labels, map.labels);
    }

    @Override
    public int hashCode() {
        return 31 * width + Arrays.hashCode(labels);
    }
}
