package dev.sam2j.tensor.cuda;

import dev.sam2j.tensor.BackendException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds CUDA's libraries where the system's linker does. */
final class CudaLibraries {
    private static final List<String> FOLDERS =
            List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/lib/wsl/lib", "/usr/local/cuda/lib64");

    private CudaLibraries() {}

    /** Why CUDA cannot be used on this machine, in one sentence, or null if it can be. Loads nothing. */
    static String unavailableReason() {
        for (String library : List.of("libcuda.so.1", "libcublas.so.12")) {
            if (FOLDERS.stream().noneMatch(folder -> Files.exists(Path.of(folder, library)))) {
                return "there is no " + library + " on this machine";
            }
        }
        return null;
    }

    /**
     * Makes the classes of JCuda usable.
     *
     * @throws BackendException if they are not, with the reason
     */
    static LoadedLibraries load() {
        String reason = unavailableReason();
        if (reason != null) {
            throw new BackendException("CUDA cannot be used: " + reason);
        }
        return new LoadedLibraries("CUDA 12");
    }
}
