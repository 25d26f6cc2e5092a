package dev.sam2j.benchmarks;

import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;
import dev.sam2j.predictors.video.LiveSession;
import dev.sam2j.predictors.video.VideoOptions;

/** Sessions that have tracked objects until no more maps fit their memory banks: one prompted and six recent ones. */
final class FullBank {
    private FullBank() {}

    /**
     * Opens a session.
     *
     * @param picture every frame
     */
    static LiveSession open(Sam2Model model, Picture picture, int objects) {
        LiveSession session = model.videoPredictor().openLive(VideoOptions.DEFAULT);
        try {
            int side = picture.width();
            session.track(picture);
            for (int object = 1; object <= objects; object++) {
                PixelBox box = new PixelBox(object, object, object + side / 2, object + side / 2);
                session.addMask(object, Mask.ofBox(side, side, box));
            }
            // Maps are what costs; the pointers still missing after as many frames are 1 key in 1000.
            for (int i = 1; i < model.config().numMaskmem(); i++) {
                session.track(picture);
            }
            return session;
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }
}
