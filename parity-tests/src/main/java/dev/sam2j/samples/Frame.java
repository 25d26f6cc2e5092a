package dev.sam2j.samples;

import java.awt.image.BufferedImage;
import java.util.List;

/**
 * A rendered picture with its truth.
 *
 * @param image RGB
 * @param names what the objects are called, back to front
 * @param masks per object the pixels where it is seen, row by row; objects in front are left out
 */
public record Frame(BufferedImage image, List<String> names, List<boolean[]> masks) {

    /** Copies the lists; the picture and the arrays are the caller's to leave alone. */
    public Frame {
        names = List.copyOf(names);
        masks = List.copyOf(masks);
    }

    /** Returns {x0, y0, x1, y1}, the first and last column and row of a mask, or null where nothing is seen. */
    public int[] box(int object) {
        int width = image.getWidth();
        int[] box = {width, image.getHeight(), -1, -1};
        boolean[] mask = masks.get(object);
        for (int i = 0; i < mask.length; i++) {
            if (mask[i]) {
                box[0] = Math.min(box[0], i % width);
                box[1] = Math.min(box[1], i / width);
                box[2] = Math.max(box[2], i % width);
                box[3] = Math.max(box[3], i / width);
            }
        }
        return box[2] < 0 ? null : box;
    }

    /** Returns {x, y}, the pixel of a mask furthest from its border (in steps to the side), first in reading order. */
    public int[] innermost(int object) {
        int width = image.getWidth();
        int height = image.getHeight();
        boolean[] mask = masks.get(object);
        int[] depth = new int[mask.length];
        for (int i = 0; i < mask.length; i++) {
            int above = i >= width ? depth[i - width] : 0;
            int left = i % width > 0 ? depth[i - 1] : 0;
            depth[i] = mask[i] ? 1 + Math.min(above, left) : 0;
        }
        int best = 0;
        for (int i = mask.length - 1; i >= 0; i--) {
            int below = i < mask.length - width ? depth[i + width] : 0;
            int right = i % width < width - 1 ? depth[i + 1] : 0;
            depth[i] = Math.min(depth[i], mask[i] ? 1 + Math.min(below, right) : 0);
            best = depth[i] >= depth[best] ? i : best;
        }
        return new int[] {best % width, best / width};
    }
}
