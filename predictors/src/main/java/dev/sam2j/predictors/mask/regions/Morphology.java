package dev.sam2j.predictors.mask.regions;

import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;

/** Shrinking of masks, a word of pixels at a time. */
public final class Morphology {
    private Morphology() {}

    /**
     * The pixels all of whose four neighbours are in the mask too; what lies outside the picture counts as in the
     * mask.
     */
    public static Mask erode(Mask mask) {
        int width = mask.width();
        int lastRow = mask.height() - 1;
        long[] bits = mask.toBits();
        long[] result = new long[bits.length];
        PixelBox box = mask.boundingBox();
        for (int y = box.yMin(); y <= box.yMax(); y++) {
            for (int x = box.xMin() & ~63; x <= box.xMax(); x += 64) {
                int count = Math.min(64, width - x);
                int at = y * width + x;
                long own = Bits.extract(bits, at, count);
                long left = own << 1 | (x == 0 ? 1 : bits[at - 1 >> 6] >>> at - 1 & 1);
                int next = at + count;
                long right = own >>> 1 | (x + count == width ? 1 : bits[next >> 6] >>> next & 1) << count - 1;
                long kept = own & left & right;
                if (y > 0) {
                    kept &= Bits.extract(bits, at - width, count);
                }
                if (y < lastRow) {
                    kept &= Bits.extract(bits, at + width, count);
                }
                Bits.or(result, at, count, kept);
            }
        }
        return Mask.owning(width, mask.height(), result);
    }

    /** The pixels of the mask that {@code thickness} erosions remove: a line along the inside of its border. */
    public static Mask outline(Mask mask, int thickness) {
        Mask inside = mask;
        for (int i = 0; i < thickness && !inside.isEmpty(); i++) {
            inside = erode(inside);
        }
        return mask.andNot(inside);
    }
}
