/** The backend of NVIDIA GPUs. */
module dev.sam2j.cuda {
    requires dev.sam2j.common;
    requires dev.sam2j.tensor;
    requires jcublas;
    requires jcuda;

    exports dev.sam2j.cuda.driver to
            dev.sam2j.cli;
    exports dev.sam2j.cuda.library to
            dev.sam2j.cli;

    provides dev.sam2j.tensor.provider.BackendProvider with
            dev.sam2j.cuda.CudaBackendProvider;
}
