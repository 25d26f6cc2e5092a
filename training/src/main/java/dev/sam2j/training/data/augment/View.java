package dev.sam2j.training.data.augment;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.regions.Bits;

/**
 * How a picture and the masks of its objects are shown: mirrored, then warped, then in other colours.
 *
 * @param leftRight whether left and right are swapped
 * @param upDown whether top and bottom are swapped
 * @param warp turn and shear, or null
 * @param colours changes of colours, maybe none
 */
public record View(boolean leftRight, boolean upDown, Warp warp, ColourJitter colours) {
    /** As it is. */
    public static final View PLAIN = new View(false, false, null, ColourJitter.NONE);

    /** Number of views that are nothing but mirrored. */
    public static final int MIRRORED = 4;

    /**
     * Which of the {@value #MIRRORED} views that are nothing but mirrored this is, 0 for the plain one, or -1 if it is
     * none of them: of those, what was computed of the picture can be kept.
     */
    public int mirrored() {
        boolean only = warp == null && colours.steps().isEmpty();
        return only ? (leftRight ? 1 : 0) + (upDown ? 2 : 0) : -1;
    }

    /** This view neither turned nor sheared. */
    public View withoutWarp() {
        return new View(leftRight, upDown, null, colours);
    }

    /** The picture in this view. */
    public Picture apply(Picture picture) {
        Picture mirrored = leftRight || upDown ? mirror(picture) : picture;
        return colours.apply(warp == null ? mirrored : warp.apply(mirrored));
    }

    /** The mask in this view. */
    public Mask apply(Mask mask) {
        Mask mirrored = leftRight || upDown ? mirror(mask) : mask;
        return warp == null ? mirrored : warp.apply(mirrored);
    }

    private Picture mirror(Picture picture) {
        int width = picture.width();
        int height = picture.height();
        byte[] from = picture.rgb();
        byte[] to = new byte[from.length];
        for (int y = 0, out = 0; y < height; y++) {
            int row = (upDown ? height - 1 - y : y) * width;
            for (int x = 0; x < width; x++, out += 3) {
                int in = 3 * (row + (leftRight ? width - 1 - x : x));
                to[out] = from[in];
                to[out + 1] = from[in + 1];
                to[out + 2] = from[in + 2];
            }
        }
        return Picture.owning(to, width, height);
    }

    private Mask mirror(Mask mask) {
        int width = mask.width();
        int height = mask.height();
        long[] bits = new long[Bits.words(width * height)];
        mask.forEachRun((from, to) -> {
            for (int at = from, end; at < to; at = end) {
                int y = at / width;
                int left = at - y * width;
                end = Math.min(to, (y + 1) * width);
                int right = left + end - at;
                int row = (upDown ? height - 1 - y : y) * width;
                Bits.set(bits, row + (leftRight ? width - right : left), row + (leftRight ? width - left : right));
            }
        });
        return Mask.owning(width, height, bits);
    }
}
