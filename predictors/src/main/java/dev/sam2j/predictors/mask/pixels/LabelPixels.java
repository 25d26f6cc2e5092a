package dev.sam2j.predictors.mask.pixels;

import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.mask.LabelMap;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;

/** The labels of a picture of object numbers. */
public final class LabelPixels {
    private final PixelRows rows;
    private final String name;

    private LabelPixels(PixelRows rows, String name) {
        this.rows = rows;
        this.name = name;
    }

    /**
     * Reads the labels.
     *
     * @param name what messages call the picture
     * @throws PictureException if its values are no labels
     */
    public static LabelMap of(BufferedImage image, String name) {
        PixelRows numbers = new PixelRows(image, image.getColorModel() instanceof IndexColorModel);
        boolean renumbered = image.getColorModel() instanceof IndexColorModel palette && isRenumbered(numbers, palette);
        LabelPixels pixels = new LabelPixels(renumbered ? new PixelRows(image, false) : numbers, name);
        return pixels.rows.isGrey() ? pixels.byNumber() : pixels.byColour();
    }

    /**
     * Whether a tool has sorted the palette by its own rule: then the background, black, is not number 0 any more, and
     * another colour is.
     */
    private static boolean isRenumbered(PixelRows numbers, IndexColorModel palette) {
        boolean black = false;
        boolean other = false;
        for (int y = 0; y < numbers.height(); y++) {
            numbers.read(y);
            for (double number : numbers.levels) {
                boolean isBlack = number < palette.getMapSize() && (palette.getRGB((int) number) & 0xFFFFFF) == 0;
                black |= isBlack && number != 0;
                other |= !isBlack && number == 0;
            }
        }
        return black && other;
    }

    /** The label of a pixel in column x of the row read last, or a negative number. */
    private interface Rule {
        double label(int x);
    }

    private LabelMap byNumber() {
        return map(x -> rows.levels[x], " has values that are no labels, which are whole numbers from 0 to 65535");
    }

    /** Grey pictures stored as red, green and blue have numbers too, others may have the colours of labels. */
    private LabelMap byColour() {
        boolean grey = true;
        for (int y = 0; y < rows.height() && grey; y++) {
            rows.read(y);
            for (int colour : rows.colours) {
                grey &= PixelRows.chroma(colour) == 0;
            }
        }
        return grey
                ? byNumber()
                : map(
                        x -> VocPalette.label(rows.colours[x] & 0xFFFFFF),
                        " is not a label picture: it is neither grey nor has a palette that begins with black, and its"
                                + " colours are not those of PASCAL VOC");
    }

    private LabelMap map(Rule rule, String problem) {
        int[] labels = new int[rows.width() * rows.height()];
        for (int y = 0, out = 0; y < rows.height(); y++) {
            rows.read(y);
            for (int x = 0; x < rows.width(); x++, out++) {
                double label = rule.label(x);
                if (!(label >= 0 && label <= LabelMap.MAX_LABEL && label == Math.rint(label))) {
                    throw new PictureException(name + problem);
                }
                labels[out] = (int) label;
            }
        }
        return LabelMap.of(rows.width(), rows.height(), labels);
    }
}
