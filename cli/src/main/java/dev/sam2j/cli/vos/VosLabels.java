package dev.sam2j.cli.vos;

import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import java.util.Arrays;

/**
 * Which labels of a video's masks are objects: beside others, now or on an earlier frame, 255 is not, but marks pixels
 * that count for nobody, as in DAVIS 2017; alone it is the one object of DAVIS 2016.
 */
final class VosLabels {
    private static final int VOID = 255;

    private boolean numbered;

    /** The objects of a frame, ascending. */
    int[] objects(LabelMap map) {
        int[] labels = map.objects();
        numbered |= Arrays.stream(labels).anyMatch(label -> label != VOID);
        return Arrays.stream(labels).filter(label -> label != VOID || !numbered).toArray();
    }

    /** The pixels of a frame that count for nobody; {@link #objects} has been asked before. */
    Mask ignored(LabelMap map) {
        return numbered ? map.mask(VOID) : Mask.empty(map.width(), map.height());
    }
}
