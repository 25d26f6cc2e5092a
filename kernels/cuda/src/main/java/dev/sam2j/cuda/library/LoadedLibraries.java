package dev.sam2j.cuda.library;

import java.nio.file.Path;
import java.util.List;

/**
 * CUDA's libraries in this process.
 *
 * @param installation what was found and chosen
 * @param natives folder of JCuda's own libraries
 * @param retargeted whether JCuda's cuBLAS library was made to use CUDA 13 in place of the CUDA 12 it was built for
 * @param loaded the libraries of CUDA that were loaded by path, in order
 */
public record LoadedLibraries(CudaInstallation installation, Path natives, boolean retargeted, List<Path> loaded) {

    /** Copies the list. */
    public LoadedLibraries {
        loaded = List.copyOf(loaded);
    }

    /** One line for the log. */
    public String description() {
        String driver = installation.driverVersion().isEmpty() ? "" : ", driver " + installation.driverVersion();
        return "CUDA " + installation.major() + driver + ", cuBLAS "
                + installation.cublas().version() + " of "
                + installation.cublas().path().getParent() + (retargeted ? " by way of JCuda for CUDA 12" : "");
    }
}
