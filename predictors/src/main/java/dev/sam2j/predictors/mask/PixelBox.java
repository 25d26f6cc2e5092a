package dev.sam2j.predictors.mask;

/**
 * A rectangle of pixels with inclusive bounds: pixels {@code xMin..xMax} of rows {@code yMin..yMax}. A box without
 * pixels is {@link #EMPTY}.
 *
 * <p>Two conventions turn such bounds into x, y, width, height. {@link #toXywh()} counts pixels;
 * {@link #toReferenceXywh()} is the difference of the bounds, as the records of SAM 2's automatic mask generator have
 * it, one smaller on both axes.
 *
 * @param xMin leftmost column
 * @param yMin topmost row
 * @param xMax rightmost column, included
 * @param yMax lowest row, included
 */
public record PixelBox(int xMin, int yMin, int xMax, int yMax) {
    /** The box without pixels. */
    public static final PixelBox EMPTY = new PixelBox(0, 0, -1, -1);

    /** Number of columns; 0 for the empty box. */
    public int width() {
        return xMax - xMin + 1;
    }

    /** Number of rows; 0 for the empty box. */
    public int height() {
        return yMax - yMin + 1;
    }

    /** Whether the box has no pixels. */
    public boolean isEmpty() {
        return xMax < xMin || yMax < yMin;
    }

    /** {@code [x, y, columns, rows]}; all 0 for the empty box. */
    public int[] toXywh() {
        return isEmpty() ? new int[4] : new int[] {xMin, yMin, width(), height()};
    }

    /** {@code [x, y, xMax - xMin, yMax - yMin]}; all 0 for the empty box. */
    public int[] toReferenceXywh() {
        return isEmpty() ? new int[4] : new int[] {xMin, yMin, xMax - xMin, yMax - yMin};
    }

    /** {@code [xMin, yMin, xMax, yMax]} with inclusive bounds; all 0 for the empty box. */
    public int[] toXyxy() {
        return isEmpty() ? new int[4] : new int[] {xMin, yMin, xMax, yMax};
    }

    /** This box moved by {@code (dx, dy)}; the empty box stays as it is. */
    public PixelBox translate(int dx, int dy) {
        return isEmpty() ? this : new PixelBox(xMin + dx, yMin + dy, xMax + dx, yMax + dy);
    }
}
