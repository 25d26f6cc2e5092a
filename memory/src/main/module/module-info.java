/** Memory attention, memory encoder and memory bank. */
module dev.sam2j.memory {
    requires dev.sam2j.configs;
    requires dev.sam2j.tensor;

    exports dev.sam2j.memory to
            dev.sam2j.predictors;
}
