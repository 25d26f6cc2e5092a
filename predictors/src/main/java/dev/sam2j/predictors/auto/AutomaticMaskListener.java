package dev.sam2j.predictors.auto;

/** Hears how far a picture has been segmented; called on the thread that segments. */
@FunctionalInterface
public interface AutomaticMaskListener {
    /** Hears nothing. */
    AutomaticMaskListener NONE = (done, total) -> {};

    /** Parts of the work. */
    enum Stage {
        /** Looking at the picture or a crop of it. */
        ENCODER,
        /** Answering points. */
        DECODER,
        /** Scoring, thresholding, encoding and suppressing masks. */
        POSTPROCESSING
    }

    /**
     * Some points have been answered.
     *
     * @param done points so far, of all crops
     * @param total points of the picture and all crops, at least 1
     */
    void progress(int done, int total);

    /** Time that a part of the work took, in nanoseconds; the sum of all calls for a stage is its time. */
    default void spent(Stage stage, long nanos) {}
}
