package dev.sam2j.predictors.mask;

import dev.sam2j.predictors.image.Picture;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;

/** Objects cut out of pictures: opaque inside the mask, transparent black outside. */
public final class Cutout {
    private Cutout() {}

    /**
     * The object on a canvas of the picture's size.
     *
     * @throws IllegalArgumentException if the mask has not the picture's size
     */
    public static BufferedImage of(Picture picture, Mask mask) {
        return of(picture, mask, new PixelBox(0, 0, picture.width() - 1, picture.height() - 1));
    }

    /**
     * The object on a canvas of the size of its bounding box.
     *
     * @throws IllegalArgumentException if the mask has not the picture's size or is empty
     */
    public static BufferedImage cropped(Picture picture, Mask mask) {
        if (mask.isEmpty()) {
            throw new IllegalArgumentException("cutout: an empty mask has no bounding box");
        }
        return of(picture, mask, mask.boundingBox());
    }

    private static BufferedImage of(Picture picture, Mask mask, PixelBox part) {
        if (mask.width() != picture.width() || mask.height() != picture.height()) {
            throw new IllegalArgumentException("cutout: mask of " + mask.width() + "x" + mask.height()
                    + " on a picture of " + picture.width() + "x" + picture.height());
        }
        BufferedImage image = new BufferedImage(part.width(), part.height(), BufferedImage.TYPE_INT_ARGB);
        int[] pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
        for (int y = 0; y < part.height(); y++) {
            for (int x = 0; x < part.width(); x++) {
                if (mask.get(part.xMin() + x, part.yMin() + y)) {
                    pixels[y * part.width() + x] = 0xFF000000 | picture.pixel(part.xMin() + x, part.yMin() + y);
                }
            }
        }
        return image;
    }
}
