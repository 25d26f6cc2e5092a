/** The backend of processors. With {@code --add-modules jdk.incubator.vector} it computes in vectors. */
module dev.sam2j.cpu {
    requires dev.sam2j.common;
    requires dev.sam2j.tensor;
    requires static jdk.incubator.vector;

    provides dev.sam2j.tensor.provider.BackendProvider with
            dev.sam2j.cpu.CpuBackendProvider;
}
