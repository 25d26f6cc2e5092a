/** Segment Anything 2.1: loading models and predicting masks in pictures and videos. */
module dev.sam2j.predictors {
    requires static aircompressor;
    requires com.fasterxml.jackson.core;
    requires transitive dev.sam2j.common;
    requires transitive dev.sam2j.configs;
    requires dev.sam2j.heads;
    requires dev.sam2j.hiera;
    requires dev.sam2j.memory;
    requires dev.sam2j.tensor;
    requires transitive dev.sam2j.weights;
    requires transitive java.desktop;

    exports dev.sam2j.predictors;
    exports dev.sam2j.predictors.auto;
    exports dev.sam2j.predictors.image;
    exports dev.sam2j.predictors.mask;
    exports dev.sam2j.predictors.video;
    exports dev.sam2j.predictors.auto.files to
            dev.sam2j.cli;
    exports dev.sam2j.predictors.image.files to
            dev.sam2j.cli,
            dev.sam2j.training,
            dev.sam2j.video;
    exports dev.sam2j.predictors.image.pixels to
            dev.sam2j.video;
    exports dev.sam2j.predictors.mask.coco to
            dev.sam2j.cli,
            dev.sam2j.training;
    exports dev.sam2j.predictors.mask.pixels to
            dev.sam2j.cli;
    exports dev.sam2j.predictors.mask.regions to
            dev.sam2j.training;
    exports dev.sam2j.predictors.model to
            dev.sam2j.cli,
            dev.sam2j.training;
    exports dev.sam2j.predictors.video.tracking to
            dev.sam2j.cli;

    uses dev.sam2j.predictors.image.files.PictureDecoder;
}
