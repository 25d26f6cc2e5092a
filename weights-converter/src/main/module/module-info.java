/** Checkpoint files: reading, writing and downloading them. */
module dev.sam2j.weights {
    requires com.fasterxml.jackson.core;
    requires transitive dev.sam2j.common;
    requires dev.sam2j.tensor;
    requires java.net.http;

    exports dev.sam2j.weights;
    exports dev.sam2j.weights.checkpoint to
            dev.sam2j.predictors,
            dev.sam2j.training;
    exports dev.sam2j.weights.file to
            dev.sam2j.cli,
            dev.sam2j.predictors,
            dev.sam2j.training;
    exports dev.sam2j.weights.safetensors to
            dev.sam2j.cli,
            dev.sam2j.predictors,
            dev.sam2j.training;
    exports dev.sam2j.weights.torch to
            dev.sam2j.training;
}
