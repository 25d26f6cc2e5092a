package dev.sam2j.predictors;

import java.util.ArrayList;
import java.util.List;

/**
 * What a user says about one object: clicks on it or beside it, a box around it, a coarse mask from an earlier
 * prediction, in any combination; or nothing at all. Immutable: each method returns a new prompt.
 *
 * <p>Coordinates are pixels of the picture, x to the right and y down, with (0, 0) at the upper left corner of the
 * upper left pixel; or fractions of its width and height where the options of a call say so.
 */
public final class Prompt {
    /** A prompt that says nothing: the model then segments what it finds salient. */
    public static final Prompt NONE = new Prompt(List.of(), null, null);

    /** Most clicks on an object of a picture or frame: the work of an answer grows with their square. */
    public static final int MAX_POINTS = 5000;

    private final List<Point> points;
    private final Box box;
    private final LowResMask mask;

    private Prompt(List<Point> points, Box box, LowResMask mask) {
        this.points = points;
        this.box = box;
        this.mask = mask;
    }

    /**
     * A click.
     *
     * @param x to the right
     * @param y down
     * @param foreground whether it is on the object
     */
    public record Point(float x, float y, boolean foreground) {
        /**
         * Checks the coordinates.
         *
         * @throws PromptException if one is not finite
         */
        public Point {
            requireFinite("point", x, y);
        }
    }

    /**
     * A box around an object.
     *
     * @param x0 left
     * @param y0 top
     * @param x1 right, beyond the left
     * @param y1 bottom, below the top
     */
    public record Box(float x0, float y0, float x1, float y1) {
        /**
         * Checks the order of the sides.
         *
         * @throws PromptException if a coordinate is not finite, or the box is empty or turned around
         */
        public Box {
            requireFinite("box", x0, y0, x1, y1);
            if (x1 <= x0 || y1 <= y0) {
                throw new PromptException(
                        "box: expected x0 < x1 and y0 < y1, got " + x0 + "," + y0 + "," + x1 + "," + y1);
            }
        }
    }

    /** A click on the object. */
    public static Prompt point(double x, double y) {
        return NONE.withPoint(x, y);
    }

    /** A box around the object. */
    public static Prompt box(double x0, double y0, double x1, double y1) {
        return NONE.withBox(x0, y0, x1, y1);
    }

    /** A coarse mask of the object. */
    public static Prompt mask(LowResMask mask) {
        return NONE.withMask(mask);
    }

    /** This prompt with a click on the object. */
    public Prompt withPoint(double x, double y) {
        return with(new Point((float) x, (float) y, true));
    }

    /** This prompt with a click beside the object. */
    public Prompt withoutPoint(double x, double y) {
        return with(new Point((float) x, (float) y, false));
    }

    /** This prompt with another click. */
    public Prompt with(Point point) {
        return withPoints(List.of(point));
    }

    /**
     * This prompt with more clicks, after those it has.
     *
     * @throws PromptException if that are more than {@value #MAX_POINTS}
     */
    public Prompt withPoints(List<Point> clicks) {
        requireFew((long) points.size() + clicks.size());
        List<Point> more = new ArrayList<>(points.size() + clicks.size());
        more.addAll(points);
        more.addAll(clicks);
        return new Prompt(List.copyOf(more), box, mask);
    }

    /** This prompt with a box, in place of the one it may have. */
    public Prompt withBox(double x0, double y0, double x1, double y1) {
        return new Prompt(points, new Box((float) x0, (float) y0, (float) x1, (float) y1), mask);
    }

    /** This prompt with a coarse mask, in place of the one it may have. */
    public Prompt withMask(LowResMask coarse) {
        return new Prompt(points, box, coarse);
    }

    /** The clicks, in the order they were added. */
    public List<Point> points() {
        return points;
    }

    /** The box, or null. */
    public Box box() {
        return box;
    }

    /** The coarse mask, or null. */
    public LowResMask mask() {
        return mask;
    }

    /**
     * Checks this prompt against the extent of a picture, in the unit of the coordinates. A box may reach beyond the
     * picture, as detectors' boxes do, but must touch it; the mask is not looked at.
     *
     * @param width of the picture, 1 for normalised coordinates
     * @param height of the picture, 1 for normalised coordinates
     * @throws PromptException if a point lies outside, or the box does
     */
    public void requireInside(float width, float height) {
        if (box != null && (box.x1() <= 0 || box.y1() <= 0 || box.x0() >= width || box.y0() >= height)) {
            throw new PromptException("box: " + box.x0() + "," + box.y0() + "," + box.x1() + "," + box.y1()
                    + " lies outside the picture of " + extent(width, height));
        }
        for (Point point : points) {
            if (point.x() < 0 || point.y() < 0 || point.x() > width || point.y() > height) {
                throw new PromptException("point: " + point.x() + "," + point.y() + " lies outside the picture of "
                        + extent(width, height));
            }
        }
    }

    /**
     * Checks the number of clicks.
     *
     * @throws PromptException if that are more than {@value #MAX_POINTS}
     */
    public static void requireFew(long clicks) {
        if (clicks > MAX_POINTS) {
            throw new PromptException(
                    "prompt: " + clicks + " points on one object are more than the limit of " + MAX_POINTS);
        }
    }

    private static String extent(float width, float height) {
        boolean normalizedOrTiny = width == 1 && height == 1;
        return (int) width + "x" + (int) height + (normalizedOrTiny ? "" : " pixels");
    }

    private static void requireFinite(String what, float... values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new PromptException(what + ": expected finite coordinates, got " + value);
            }
        }
    }
}
