/** Tensors, the operations of backends, and layers. */
module dev.sam2j.tensor {
    requires transitive dev.sam2j.common;

    exports dev.sam2j.tensor to
            dev.sam2j.cli,
            dev.sam2j.cpu,
            dev.sam2j.cuda,
            dev.sam2j.heads,
            dev.sam2j.hiera,
            dev.sam2j.memory,
            dev.sam2j.predictors,
            dev.sam2j.training,
            dev.sam2j.weights;
    exports dev.sam2j.tensor.fused to
            dev.sam2j.cpu,
            dev.sam2j.cuda,
            dev.sam2j.heads,
            dev.sam2j.memory,
            dev.sam2j.predictors;
    exports dev.sam2j.tensor.host to
            dev.sam2j.cpu,
            dev.sam2j.cuda,
            dev.sam2j.predictors,
            dev.sam2j.weights;
    exports dev.sam2j.tensor.nn to
            dev.sam2j.heads,
            dev.sam2j.hiera,
            dev.sam2j.memory;
    exports dev.sam2j.tensor.training to
            dev.sam2j.cpu,
            dev.sam2j.training;
    exports dev.sam2j.tensor.provider to
            dev.sam2j.cli,
            dev.sam2j.cpu,
            dev.sam2j.cuda,
            dev.sam2j.predictors;
    exports dev.sam2j.tensor.weights to
            dev.sam2j.heads,
            dev.sam2j.hiera,
            dev.sam2j.memory,
            dev.sam2j.predictors,
            dev.sam2j.training,
            dev.sam2j.weights;

    uses dev.sam2j.tensor.provider.BackendProvider;
}
