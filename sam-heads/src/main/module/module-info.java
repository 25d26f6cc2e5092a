/** Prompt encoder and mask decoder. */
module dev.sam2j.heads {
    requires dev.sam2j.configs;
    requires dev.sam2j.tensor;

    exports dev.sam2j.heads to
            dev.sam2j.predictors,
            dev.sam2j.training;
}
