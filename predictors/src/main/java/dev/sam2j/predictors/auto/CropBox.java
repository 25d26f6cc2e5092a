package dev.sam2j.predictors.auto;

import dev.sam2j.predictors.mask.PixelBox;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of a picture that is segmented on its own, so that small objects are seen larger.
 *
 * @param x left column
 * @param y upper row
 * @param width number of columns
 * @param height number of rows
 * @param layer 0 for the whole picture, i for a part of the grid of 2<sup>i</sup> x 2<sup>i</sup> parts
 */
public record CropBox(int x, int y, int width, int height, int layer) {
    /** How close, in pixels, a box comes to the side of a part to count as cut off by it. */
    private static final int EDGE_TOLERANCE = 20;

    /** Most layers: more would make over 4^8 parts. */
    static final int MAX_LAYERS = 8;

    /**
     * The whole picture and, for each layer, its overlapping parts, column by column. All parts of a layer have the
     * same size but for those that the lower and right border cut.
     *
     * @param layers number of layers besides the whole picture, 0 to 8
     * @param overlapRatio overlap of the parts of layer 1 as a fraction of the shorter side, 0 to less than 1; halved
     *     from layer to layer
     * @throws IllegalArgumentException if a parameter is out of range
     */
    public static List<CropBox> of(int width, int height, int layers, double overlapRatio) {
        if (width < 1 || height < 1 || layers < 0 || layers > MAX_LAYERS || !(overlapRatio >= 0 && overlapRatio < 1)) {
            throw new IllegalArgumentException("crops: need a picture, 0 to " + MAX_LAYERS
                    + " layers and an overlap ratio in [0, 1), got " + width + "x" + height + ", " + layers
                    + " layers, ratio "
                    + overlapRatio);
        }
        List<CropBox> crops = new ArrayList<>();
        crops.add(new CropBox(0, 0, width, height, 0));
        for (int layer = 1; layer <= layers; layer++) {
            int perSide = 1 << layer;
            int overlap = (int) (overlapRatio * Math.min(width, height) * (2.0 / perSide));
            int cropWidth = length(width, perSide, overlap);
            int cropHeight = length(height, perSide, overlap);
            for (int column = 0; column < perSide; column++) {
                for (int row = 0; row < perSide; row++) {
                    int x = (cropWidth - overlap) * column;
                    int y = (cropHeight - overlap) * row;
                    int columns = Math.min(cropWidth, width - x);
                    int rows = Math.min(cropHeight, height - y);
                    if (columns > 0 && rows > 0) { // tiny pictures have fewer pixels than parts
                        crops.add(new CropBox(x, y, columns, rows, layer));
                    }
                }
            }
        }
        return crops;
    }

    /** Length of {@code parts} pieces that overlap and together cover {@code full}: the quotient rounded up. */
    private static int length(int full, int parts, int overlap) {
        return (int) Math.ceil((overlap * (parts - 1L) + full) / (double) parts);
    }

    /**
     * Whether an object is probably cut off by this part: a side of its box, inclusive and in pixels of the whole
     * picture, lies within 20 pixels of the same side of the part but not within 20 pixels of that side of the
     * picture.
     */
    public boolean cutsOff(PixelBox box, int pictureWidth, int pictureHeight) {
        return cut(box.xMin(), x, 0)
                || cut(box.yMin(), y, 0)
                || cut(box.xMax(), x + width, pictureWidth)
                || cut(box.yMax(), y + height, pictureHeight);
    }

    private static boolean cut(int side, int cropSide, int pictureSide) {
        return Math.abs(side - cropSide) <= EDGE_TOLERANCE && Math.abs(side - pictureSide) > EDGE_TOLERANCE;
    }

    /** {@code [x, y, width, height]}. */
    public int[] toXywh() {
        return new int[] {x, y, width, height};
    }
}
