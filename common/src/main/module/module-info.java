/** Exceptions and number formats, and what the modules of SAM2J share. */
module dev.sam2j.common {
    exports dev.sam2j;
    exports dev.sam2j.common to
            dev.sam2j.cli,
            dev.sam2j.cuda,
            dev.sam2j.predictors,
            dev.sam2j.training,
            dev.sam2j.video,
            dev.sam2j.weights;
    exports dev.sam2j.common.io to
            dev.sam2j.cli,
            dev.sam2j.predictors,
            dev.sam2j.training,
            dev.sam2j.video,
            dev.sam2j.weights;
}
