package dev.sam2j.predictors.mask;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.pixels.Palette;
import dev.sam2j.predictors.mask.regions.Morphology;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Draws masks and prompts on a copy of a picture: masks half transparent with a solid outline, positive points green
 * with a plus, negative points red with a minus, boxes as frames. Line widths grow with the picture. Not for several
 * threads.
 */
public final class Overlay {
    private static final Color POSITIVE = new Color(0x00A040);
    private static final Color NEGATIVE = new Color(0xD02020);
    private static final Color BOX = new Color(0x00A040);

    private final BufferedImage image;
    private final int[] pixels;
    private final float unit;
    private int nextColour;

    private Overlay(Picture picture) {
        image = picture.toBufferedImage();
        pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
        unit = Math.max(1, Math.min(picture.width(), picture.height()) / 400f);
    }

    /** An overlay with nothing drawn yet. */
    public static Overlay on(Picture picture) {
        return new Overlay(picture);
    }

    /** Draws a mask in the next colour of the {@link Palette}. */
    public Overlay mask(Mask mask) {
        return mask(mask, Palette.colour(nextColour++));
    }

    /**
     * Draws a mask in a colour {@code 0xRRGGBB}.
     *
     * @throws IllegalArgumentException if the mask has not the picture's size
     */
    public Overlay mask(Mask mask, int colour) {
        if (mask.width() != image.getWidth() || mask.height() != image.getHeight()) {
            throw new IllegalArgumentException("overlay: mask of " + mask.width() + "x" + mask.height()
                    + " on a picture of " + image.getWidth() + "x" + image.getHeight());
        }
        mask.forEachRun((from, to) -> {
            for (int i = from; i < to; i++) {
                // Half of both, channel by channel: without their lowest bits the channels do not meet.
                pixels[i] = (pixels[i] >>> 1 & 0x7F7F7F) + (colour >>> 1 & 0x7F7F7F);
            }
        });
        Morphology.outline(mask, Math.round(unit)).forEachRun((from, to) -> {
            for (int i = from; i < to; i++) {
                pixels[i] = colour;
            }
        });
        return this;
    }

    /** Draws masks, the largest first so that none hides a smaller one; mask i of the list has the i-th next colour. */
    public Overlay masks(List<Mask> masks) {
        int first = nextColour;
        IntStream.range(0, masks.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> -masks.get(i).area()))
                .forEach(i -> mask(masks.get(i), Palette.colour(first + i)));
        nextColour += masks.size();
        return this;
    }

    /** Draws a point at pixel coordinates. */
    public Overlay point(double x, double y, boolean positive) {
        double radius = 5 * unit;
        double arm = 3 * unit;
        Graphics2D graphics = graphics();
        graphics.setColor(Color.WHITE);
        graphics.fill(
                new Ellipse2D.Double(x - radius - unit, y - radius - unit, 2 * (radius + unit), 2 * (radius + unit)));
        graphics.setColor(positive ? POSITIVE : NEGATIVE);
        graphics.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
        graphics.setColor(Color.WHITE);
        graphics.setStroke(new BasicStroke(1.5f * unit));
        graphics.draw(new Line2D.Double(x - arm, y, x + arm, y));
        if (positive) {
            graphics.draw(new Line2D.Double(x, y - arm, x, y + arm));
        }
        graphics.dispose();
        return this;
    }

    /** Draws a box with the given corners in pixel coordinates. */
    public Overlay box(double x0, double y0, double x1, double y1) {
        Rectangle2D frame = new Rectangle2D.Double(x0, y0, x1 - x0, y1 - y0);
        Graphics2D graphics = graphics();
        graphics.setColor(Color.WHITE);
        graphics.setStroke(new BasicStroke(4 * unit));
        graphics.draw(frame);
        graphics.setColor(BOX);
        graphics.setStroke(new BasicStroke(2 * unit));
        graphics.draw(frame);
        graphics.dispose();
        return this;
    }

    private Graphics2D graphics() {
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        return graphics;
    }

    /** What has been drawn so far, as a copy. */
    public Picture toPicture() {
        return Picture.of(image);
    }
}
