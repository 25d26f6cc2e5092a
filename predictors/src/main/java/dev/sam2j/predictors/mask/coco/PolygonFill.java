package dev.sam2j.predictors.mask.coco;

import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;
import dev.sam2j.predictors.mask.regions.Bits;

/**
 * Fills polygons as pycocotools does, pixel for pixel: corners are rounded to fifths of a pixel, sides are drawn on
 * that finer grid, and a column of pixels is crossed where a side passes its middle. Corners are given in fifths of a
 * pixel, see {@link #fifths}, as x, y, x, y, ...; the last joins the first.
 */
public final class PolygonFill {
    private static final int SCALE = 5;

    /** Steps along sides for each pixel of the picture: the outline of any mask has fewer than ten. */
    private static final int STEPS_PER_PIXEL = 16;

    private static final int FREE_STEPS = 1 << 16;

    private final int width;
    private final int height;
    private final long[] bits;
    private long stepsLeft;
    /** The point of the finer grid that was drawn last. */
    private int lastX;

    private int lastY;

    private PolygonFill(int width, int height) {
        this.width = width;
        this.height = height;
        this.bits = Mask.empty(width, height).toBits();
        this.stepsLeft = FREE_STEPS + (long) STEPS_PER_PIXEL * width * height;
    }

    /**
     * A coordinate in fifths of a pixel, rounded as pycocotools does it.
     *
     * @param coordinate in pixels; 0 is the left or upper side of the picture
     */
    public static int fifths(double coordinate) {
        return (int) (SCALE * coordinate + 0.5);
    }

    /**
     * The pixels inside any of the rings.
     *
     * @param width of the picture
     * @param height of the picture
     * @param rings corners in fifths of a pixel, at least three each; they may lie outside the picture
     * @throws IllegalArgumentException if the outlines are so long that no picture of this size can have them
     */
    public static Mask union(int width, int height, int[]... rings) {
        PolygonFill fill = new PolygonFill(width, height);
        for (int[] ring : rings) {
            fill.add(ring);
        }
        return Mask.owning(width, height, fill.bits);
    }

    private void add(int[] ring) {
        PixelBox box = reach(ring);
        if (box.isEmpty()) {
            return;
        }
        int columns = box.xMax() - box.xMin() + 1;
        int rows = box.yMax() - box.yMin() + 1;
        take((long) columns * rows / STEPS_PER_PIXEL);
        long[] inside = new long[Bits.words(columns * rows)];
        follow(ring, (x, y) -> {
            if (y <= box.yMax()) {
                int pixel = (Math.max(y, box.yMin()) - box.yMin()) * columns + x - box.xMin();
                Bits.flip(inside, pixel, pixel + 1);
            }
        });
        Bits.accumulateRows(inside, columns, rows);
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x += 64) {
                int count = Math.min(64, columns - x);
                int to = (box.yMin() + y) * width + box.xMin() + x;
                Bits.or(bits, to, count, Bits.extract(inside, y * columns + x, count));
            }
        }
    }

    /** The part of the picture that a ring may cover. */
    private PixelBox reach(int[] ring) {
        int left = width;
        int right = -1;
        int top = height;
        int bottom = -1;
        for (int i = 0; i < ring.length; i += 2) {
            int x = ring[i] / SCALE;
            int y = ring[i + 1] / SCALE;
            left = Math.min(left, Math.max(x - 1, 0));
            right = Math.max(right, Math.min(x + 1, width - 1));
            top = Math.min(top, Math.max(y - 1, 0));
            bottom = Math.max(bottom, Math.min(y + 1, height - 1));
        }
        return left > right || top > bottom ? PixelBox.EMPTY : new PixelBox(left, top, right, bottom);
    }

    /** Receives where a ring crosses the middle of a column: rows from y on are inside, or outside again. */
    private interface Crossing {
        void at(int x, int y);
    }

    private void follow(int[] ring, Crossing crossing) {
        lastX = ring[0];
        lastY = ring[1];
        for (int i = 0; i < ring.length; i += 2) {
            int next = (i + 2) % ring.length;
            side(ring[i], ring[i + 1], ring[next], ring[next + 1], crossing);
        }
    }

    private void side(int fromX, int fromY, int toX, int toY, Crossing crossing) {
        long across = Math.abs((long) toX - fromX);
        long down = Math.abs((long) toY - fromY);
        take(Math.max(across, down) + 1);
        int steps = (int) Math.max(across, down);
        boolean flat = across >= down;
        // Drawn from the smaller coordinate on, so that a side has the same points in both directions.
        boolean backwards = flat ? fromX > toX : fromY > toY;
        int startX = backwards ? toX : fromX;
        int startY = backwards ? toY : fromY;
        double slope = flat
                ? (double) ((backwards ? fromY : toY) - startY) / across
                : (double) ((backwards ? fromX : toX) - startX) / down;
        for (int i = 0; i <= steps; i++) {
            int t = backwards ? steps - i : i;
            int x = flat ? startX + t : (int) (startX + slope * t + 0.5);
            int y = flat ? (int) (startY + slope * t + 0.5) : startY + t;
            if (x != lastX) {
                step(x, y, crossing);
            }
            lastX = x;
            lastY = y;
        }
    }

    /** From the last point to one in another column of the finer grid, of which the third of five is a middle. */
    private void step(int x, int y, Crossing crossing) {
        int fine = x < lastX ? x : x - 1;
        if (fine >= 0 && fine % SCALE == SCALE / 2 && fine / SCALE < width) {
            int row = (int) Math.ceil((Math.min(y, lastY) + 0.5) / SCALE - 0.5);
            crossing.at(fine / SCALE, Math.max(0, Math.min(row, height)));
        }
    }

    private void take(long steps) {
        stepsLeft -= steps;
        if (stepsLeft < 0) {
            throw new IllegalArgumentException(
                    "its outline is longer than any in a picture of " + width + "x" + height + " pixels");
        }
    }
}
