package dev.sam2j.cuda.library;

import dev.sam2j.BackendException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds and loads CUDA's libraries without settings by the user: the driver, and cuBLAS of CUDA 12 or 13 from a
 * toolkit, the system or a Python environment. Folders in the system property {@code dev.sam2j.cuda.path} come first.
 */
public final class CudaLibraries {
    private static final System.Logger LOG = System.getLogger(CudaLibraries.class.getName());

    /** What CUDA's own libraries are called; others are the system's and are left to its linker. */
    private static final Pattern CUDA_LIBRARY = Pattern.compile("lib(cu|nv)[A-Za-z-]+\\.so\\.\\d+");

    private static LoadedLibraries loaded;

    private CudaLibraries() {}

    /** Looks for CUDA on this machine. Loads nothing. */
    public static CudaInstallation find() {
        return find(Host.current());
    }

    static CudaInstallation find(Host host) {
        return new CudaSearch(host).run(JCudaFiles.present(host));
    }

    /** Why CUDA cannot be used on this machine, in one sentence, or null if it can be. Loads nothing. */
    public static String unavailableReason() {
        return find().unavailableReason();
    }

    /**
     * Loads CUDA's libraries and JCuda's into this process. Later calls return what the first one loaded.
     *
     * @throws BackendException if they cannot be used, with the reason
     */
    public static synchronized LoadedLibraries load() {
        if (loaded == null) {
            LoadedLibraries now = load(Host.current());
            LOG.log(System.Logger.Level.INFO, now.description());
            loaded = now;
        }
        return loaded;
    }

    private static LoadedLibraries load(Host host) {
        CudaInstallation found = find(host);
        if (found.unavailableReason() != null) {
            throw new BackendException("CUDA cannot be used: " + found.unavailableReason());
        }
        List<Path> order = new ArrayList<>(List.of(found.driver().path()));
        order.addAll(loadOrder(host, found.cublas().path()));
        for (Path library : order) {
            try {
                System.load(library.toString());
            } catch (UnsatisfiedLinkError e) {
                throw new BackendException("CUDA: " + library + " cannot be loaded: " + e.getMessage());
            }
        }
        boolean retargeted = found.major() != 12;
        String name = "jcuda-" + JCudaFiles.VERSION + "-" + host.platform() + "-cuda" + found.major();
        Path natives = NativeFiles.unpack(NativeFiles.cacheFolder(host), name, JCudaFiles.forCuda(found.major(), host));
        JCudaLoader.initialize(natives);
        return new LoadedLibraries(found, natives, retargeted, order);
    }

    /** A library after all of CUDA's that it needs: the linker then finds each by its name among those loaded. */
    static List<Path> loadOrder(Host host, Path library) {
        if (host.windows()) {
            return List.of(
                    library.resolveSibling(library.getFileName().toString().replace("cublas", "cublasLt")), library);
        }
        Set<Path> order = new LinkedHashSet<>();
        visit(library, new CudaSearch(host).foldersFor(library), order, new LinkedHashSet<>());
        return List.copyOf(order);
    }

    private static void visit(Path library, List<Path> folders, Set<Path> order, Set<Path> visited) {
        if (!visited.add(library)) {
            return;
        }
        try {
            for (String needed : ElfFile.read(library).needed()) {
                if (CUDA_LIBRARY.matcher(needed).matches() && !needed.equals("libcuda.so.1")) {
                    folders.stream()
                            .map(folder -> folder.resolve(needed))
                            .filter(Files::isRegularFile)
                            .findFirst()
                            .ifPresent(path -> visit(path, folders, order, visited));
                }
            }
        } catch (IOException e) {
            throw new BackendException("CUDA: " + e.getMessage());
        }
        order.add(library);
    }
}
