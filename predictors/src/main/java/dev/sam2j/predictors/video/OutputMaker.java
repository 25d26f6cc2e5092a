package dev.sam2j.predictors.video;

import dev.sam2j.kernels.cpu.HoleFilling;

/** Turns what was found of an object into the record that is kept of it. */
final class OutputMaker {
    /** What filled holes become. */
    private static final float HOLE_LOGIT = 0.1f;

    private final FrameArchive archive;
    private final int fillHoleArea;
    private final int lowRes;

    OutputMaker(FrameArchive archive, int fillHoleArea, int lowRes) {
        this.archive = archive;
        this.fillHoleArea = fillHoleArea;
        this.lowRes = lowRes;
    }

    /** The record, with holes of the mask filled and no memory yet. */
    FrameOutput make(FrameTracker.Found found) {
        return new FrameOutput(archive.add(filled(found.mask())), found.pointer(), found.objectScore(), found.iou());
    }

    private float[] filled(float[] mask) {
        if (fillHoleArea == 0) {
            return mask;
        }
        float[] copy = mask.clone(); // memories of tracked frames are made from the mask as predicted
        HoleFilling.run(copy, 0, lowRes, lowRes, fillHoleArea, HOLE_LOGIT);
        return copy;
    }
}
