package dev.sam2j.predictors.mask.pixels;

import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.util.HashMap;
import java.util.Map;

/**
 * The colours of labels in PASCAL VOC and DAVIS: bits 0, 1, 2 of a label are the highest bits of red, green, blue, bits
 * 3, 4, 5 the second highest, and so on.
 */
public final class VocPalette {
    /** Number of labels that have a colour. */
    public static final int LABELS = 256;

    private static final int[] COLOURS = new int[LABELS];
    private static final Map<Integer, Integer> LABEL_OF = new HashMap<>();

    static {
        for (int label = 0; label < LABELS; label++) {
            for (int j = 0; j < 8; j++) {
                int three = label >> 3 * j;
                COLOURS[label] |= (three & 1) << 23 - j | (three >> 1 & 1) << 15 - j | (three >> 2 & 1) << 7 - j;
            }
            LABEL_OF.put(COLOURS[label], label);
        }
    }

    private VocPalette() {}

    /** The colour {@code 0xRRGGBB} of a label from 0 to 255. */
    public static int colour(int label) {
        return COLOURS[label];
    }

    /** The label of a colour {@code 0xRRGGBB}, or -1 if no label has it. */
    static int label(int colour) {
        return LABEL_OF.getOrDefault(colour, -1);
    }

    /** The palette of 8-bit pictures whose values are labels. */
    public static IndexColorModel model() {
        return new IndexColorModel(8, LABELS, COLOURS, 0, false, -1, DataBuffer.TYPE_BYTE);
    }
}
