/** Fine-tuning of Segment Anything 2.1 models. */
module dev.sam2j.training {
    requires com.fasterxml.jackson.core;
    requires transitive dev.sam2j.common;
    requires transitive dev.sam2j.configs;
    requires dev.sam2j.heads;
    requires dev.sam2j.hiera;
    requires transitive dev.sam2j.predictors;
    requires dev.sam2j.tensor;
    requires dev.sam2j.weights;
    requires java.desktop;

    exports dev.sam2j.training;
}
