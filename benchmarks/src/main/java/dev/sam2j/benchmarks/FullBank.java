package dev.sam2j.benchmarks;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.predictors.video.LiveSession;
import dev.sam2j.predictors.video.VideoOptions;
import dev.sam2j.predictors.video.VideoSession;

/** Sessions that have tracked objects until no more maps fit their memory banks: one prompted and six recent ones. */
final class FullBank {
    private FullBank() {}

    private static Mask mask(int object, int side) {
        return Mask.ofBox(side, side, new PixelBox(object, object, object + side / 2, object + side / 2));
    }

    /** A video of equal frames in memory. */
    private record Still(Picture picture, int frames) implements FrameSource {
        @Override
        public String description() {
            return "still";
        }

        @Override
        public int width() {
            return picture.width();
        }

        @Override
        public int height() {
            return picture.height();
        }

        @Override
        public Picture read(int index) {
            return picture;
        }

        @Override
        public void close() {}
    }

    /** Frames to track, after the prompted one, until the banks of a video are full. */
    static int framesToFill(LoadedModel model) {
        return model.config().numMaskmem() - 1;
    }

    /**
     * Opens a video whose objects are prompted on the first frame; the banks are still to be filled.
     *
     * @param picture every frame
     */
    static VideoSession openVideo(LoadedModel model, Picture picture, int frames, int objects) {
        VideoSession session = model.videoPredictor().open(new Still(picture, frames));
        try {
            for (int object = 1; object <= objects; object++) {
                session.addMask(0, object, mask(object, picture.width()));
            }
            return session;
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    /**
     * Opens a stream of frames.
     *
     * @param picture every frame
     */
    static LiveSession openLive(LoadedModel model, Picture picture, int objects) {
        LiveSession session = model.videoPredictor().openLive(VideoOptions.DEFAULT);
        try {
            session.track(picture);
            for (int object = 1; object <= objects; object++) {
                session.addMask(object, mask(object, picture.width()));
            }
            // Maps are what costs; the pointers still missing after as many frames are 1 key in 1000.
            for (int i = 0; i < framesToFill(model); i++) {
                session.track(picture);
            }
            return session;
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }
}
