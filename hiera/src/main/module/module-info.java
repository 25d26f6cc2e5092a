/** The image encoder. */
module dev.sam2j.hiera {
    requires dev.sam2j.configs;
    requires dev.sam2j.tensor;

    exports dev.sam2j.hiera to
            dev.sam2j.predictors,
            dev.sam2j.training;
}
