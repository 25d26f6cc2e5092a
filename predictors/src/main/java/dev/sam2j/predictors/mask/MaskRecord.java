package dev.sam2j.predictors.mask;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A mask and what is known of it, for files in the formats of other programs.
 *
 * @param mask the pixels
 * @param category number of the object's class
 * @param properties anything else by its name, in the order in which it is written: numbers, of which NaN becomes null,
 *     texts, {@code int[]}, lists of these, or null
 */
public record MaskRecord(CocoRle mask, long category, Map<String, Object> properties) {
    /** Copies the properties. */
    public MaskRecord {
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    /** The box of the pixels, {@code [x, y, columns, rows]} as COCO counts them; zeros without pixels. */
    public int[] bbox() {
        return mask.area() == 0 ? new int[4] : mask.toMask().boundingBox().toXywh();
    }
}
