package dev.sam2j.training.data.augment;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;

/**
 * Turns and shears pictures about their centre: a pixel at p from the centre comes from {@code (xx x + xy y, yx x + yy
 * y)}. The size stays.
 */
public record Warp(double xx, double xy, double yx, double yy) {
    /** What pictures are filled with where nothing comes from: the mean colour of pictures. */
    private static final byte[] FILL = {123, 116, 103};

    /**
     * First sheared along x, then turned clockwise as seen on the screen.
     *
     * @param degrees of the turn
     * @param shear in degrees: lines that stood upright lean by it
     */
    public static Warp of(double degrees, double shear) {
        double turn = Math.toRadians(degrees);
        double lean = Math.tan(Math.toRadians(shear));
        double cos = Math.cos(turn);
        double sin = Math.sin(turn);
        // The inverse of turn * shear, whose determinant is 1.
        return new Warp(cos - sin * lean, cos * lean + sin, -sin, cos);
    }

    /** The warped picture: bilinear, rounded down as Pillow does, filled with the mean colour of pictures. */
    public Picture apply(Picture picture) {
        int width = picture.width();
        int height = picture.height();
        byte[] from = picture.rgb();
        byte[] to = new byte[from.length];
        for (int y = 0, out = 0; y < height; y++) {
            for (int x = 0; x < width; x++, out += 3) {
                double sourceX = sourceX(x, y, width, height);
                double sourceY = sourceY(x, y, width, height);
                if (sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height) {
                    bilinear(from, width, height, sourceX - 0.5, sourceY - 0.5, to, out);
                } else {
                    System.arraycopy(FILL, 0, to, out, 3);
                }
            }
        }
        return Picture.owning(to, width, height);
    }

    private static void bilinear(byte[] from, int width, int height, double x, double y, byte[] to, int out) {
        int left = (int) Math.floor(x);
        int top = (int) Math.floor(y);
        double right = x - left;
        double down = y - top;
        int x0 = Math.max(left, 0);
        int x1 = Math.min(left + 1, width - 1);
        int row0 = Math.max(top, 0) * width;
        int row1 = Math.min(top + 1, height - 1) * width;
        for (int c = 0; c < 3; c++) {
            double upper = between(from[3 * (row0 + x0) + c] & 255, from[3 * (row0 + x1) + c] & 255, right);
            double lower = between(from[3 * (row1 + x0) + c] & 255, from[3 * (row1 + x1) + c] & 255, right);
            to[out + c] = (byte) (int) between(upper, lower, down);
        }
    }

    private static double between(double first, double second, double share) {
        return first * (1 - share) + second * share;
    }

    /** The warped mask: each pixel is as the nearest one that it comes from. */
    public Mask apply(Mask mask) {
        int width = mask.width();
        int height = mask.height();
        long[] from = mask.toBits();
        long[] to = new long[from.length];
        PixelBox box = reached(mask.boundingBox(), width, height);
        for (int y = box.yMin(); y <= box.yMax(); y++) {
            for (int x = box.xMin(); x <= box.xMax(); x++) {
                int sourceX = (int) Math.floor(sourceX(x, y, width, height));
                int sourceY = (int) Math.floor(sourceY(x, y, width, height));
                if (sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height) {
                    int source = sourceY * width + sourceX;
                    int i = y * width + x;
                    to[i >> 6] |= (from[source >> 6] >>> source & 1) << i;
                }
            }
        }
        return Mask.owning(width, height, to);
    }

    private double sourceX(int x, int y, int width, int height) {
        return xx * (x + 0.5 - width / 2.0) + xy * (y + 0.5 - height / 2.0) + width / 2.0;
    }

    private double sourceY(int x, int y, int width, int height) {
        return yx * (x + 0.5 - width / 2.0) + yy * (y + 0.5 - height / 2.0) + height / 2.0;
    }

    /** A box around where the pixels of a box go to. */
    private PixelBox reached(PixelBox box, int width, int height) {
        if (box.isEmpty()) {
            return box;
        }
        double determinant = xx * yy - xy * yx;
        double left = width;
        double right = 0;
        double top = height;
        double bottom = 0;
        for (int corner = 0; corner < 4; corner++) {
            double x = (corner % 2 == 0 ? box.xMin() : box.xMax() + 1) - width / 2.0;
            double y = (corner < 2 ? box.yMin() : box.yMax() + 1) - height / 2.0;
            double toX = (yy * x - xy * y) / determinant + width / 2.0;
            double toY = (xx * y - yx * x) / determinant + height / 2.0;
            left = Math.min(left, toX);
            right = Math.max(right, toX);
            top = Math.min(top, toY);
            bottom = Math.max(bottom, toY);
        }
        int xMin = (int) Math.max(0, left - 1);
        int yMin = (int) Math.max(0, top - 1);
        int xMax = (int) Math.min(width - 1, right + 1);
        int yMax = (int) Math.min(height - 1, bottom + 1);
        return xMin > xMax || yMin > yMax ? PixelBox.EMPTY : new PixelBox(xMin, yMin, xMax, yMax);
    }
}
