package dev.sam2j.cuda.library;

import dev.sam2j.cuda.library.LibraryPlaces.Place;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the driver and CUDA's libraries on a machine, or the reason why they cannot be used. Loads nothing. */
final class CudaSearch {
    /** Releases of CUDA that can be used, best first: JCuda is built for 12 and is made to use 13. */
    private static final int[] MAJORS = {12, 13};

    private static final int CUDNN_MAJOR = 9;
    private static final Pattern DRIVER_VERSION = Pattern.compile("\\b(\\d{3,4}\\.\\d+(?:\\.\\d+)?)\\b");

    private final Host host;
    private final LibraryPlaces places;

    CudaSearch(Host host) {
        this.host = host;
        this.places = new LibraryPlaces(host);
    }

    /**
     * Searches.
     *
     * @param nativesThere whether JCuda's own libraries for the platform are on the class path
     */
    CudaInstallation run(boolean nativesThere) {
        if (!host.x86() || !(host.linux() || host.windows())) {
            return nothing(
                    "CUDA needs Linux or Windows on an x86-64 processor, this is " + host.os() + " on " + host.arch());
        }
        String driverName = host.windows() ? "nvcuda.dll" : "libcuda.so.1";
        Path driverPath = first(places.driver(), driverName);
        String driverVersion = driverVersion(driverPath);
        CudaLibrary driver = driverPath == null
                ? null
                : new CudaLibrary("driver", driverPath, driverVersion.isEmpty() ? "1" : driverVersion);
        List<Place> libraryPlaces = new ArrayList<>(places.chosen());
        Candidate found = candidate(libraryPlaces);
        libraryPlaces.addAll(places.libraries());
        if (found.complete == null) {
            found = candidate(libraryPlaces);
        }
        Path cudnn = first(libraryPlaces, fileName("cudnn", CUDNN_MAJOR));
        String reason = reason(driverPath, driverName, driverVersion, found, libraryPlaces, nativesThere);
        return new CudaInstallation(
                driver,
                driverVersion,
                found.complete == null ? 0 : found.major,
                library("cuBLAS", found.complete, found.major),
                found.complete == null
                        ? null
                        : library(
                                "cuBLASLt",
                                found.complete.resolveSibling(fileName("cublasLt", found.major)),
                                found.major),
                library("cuDNN", cudnn, CUDNN_MAJOR),
                titles(libraryPlaces),
                reason);
    }

    /** The folders in which libraries that a library needs may lie, its own first. */
    List<Path> foldersFor(Path library) {
        Set<Path> folders = new LinkedHashSet<>(List.of(library.getParent()));
        places.chosen().forEach(place -> folders.addAll(place.folders()));
        places.libraries().forEach(place -> folders.addAll(place.folders()));
        return List.copyOf(folders);
    }

    private static CudaInstallation nothing(String reason) {
        return new CudaInstallation(null, "", 0, null, null, null, List.of(), reason);
    }

    private String reason(
            Path driver,
            String driverName,
            String driverVersion,
            Candidate found,
            List<Place> libraryPlaces,
            boolean nativesThere) {
        if (driver == null) {
            return "no NVIDIA driver: " + driverName + " not found in " + String.join(", ", titles(places.driver()));
        }
        if (host.linux() && !deviceThere()) {
            return "no NVIDIA device: the driver's library " + driver + " is there, but neither a device file "
                    + "(/dev/nvidiactl, /dev/dxg) nor an NVIDIA card on the PCI bus";
        }
        if (found.complete == null && found.alone != null) {
            return "incomplete CUDA libraries: " + found.alone + " is there without "
                    + fileName("cublasLt", found.major) + " in the same folder";
        }
        if (found.complete == null) {
            return "no cuBLAS of CUDA " + (host.windows() ? "12" : "12 or 13") + ": neither "
                    + fileName("cublas", 12) + " nor " + fileName("cublas", 13) + " found in "
                    + String.join(", ", titles(libraryPlaces)) + "; the system property " + LibraryPlaces.PROPERTY
                    + " can name another folder";
        }
        if (host.windows() && found.major != 12) {
            return "no cuBLAS of CUDA 12: on Windows CUDA 13 (" + found.complete
                    + ") cannot be used, as JCuda's library is built for 12 and is retargeted on Linux only";
        }
        int needed = found.major == 12 ? 525 : 580;
        int major = driverVersion.isEmpty()
                ? needed
                : Integer.parseInt(driverVersion.split("\\.")[0]);
        if (host.linux() && major < needed) {
            return "old NVIDIA driver: CUDA " + found.major + " needs version " + needed + " or later, this is "
                    + driverVersion;
        }
        return nativesThere
                ? null
                : "JCuda's libraries for " + host.platform() + " are not on the class path: expected jcuda-natives and "
                        + "jcublas-natives " + JCudaFiles.VERSION;
    }

    /** cuBLAS with cuBLASLt beside it, or alone, of the first release that has either. */
    private record Candidate(int major, Path complete, Path alone) {}

    private Candidate candidate(List<Place> searched) {
        Candidate incomplete = new Candidate(0, null, null);
        for (int major : MAJORS) {
            for (Place place : searched) {
                for (Path folder : place.folders()) {
                    Path cublas = folder.resolve(fileName("cublas", major));
                    if (!isLibrary(cublas)) {
                        continue;
                    }
                    if (isLibrary(folder.resolve(fileName("cublasLt", major)))) {
                        return new Candidate(major, cublas, null);
                    }
                    if (incomplete.alone == null) {
                        incomplete = new Candidate(major, null, cublas);
                    }
                }
            }
        }
        return incomplete;
    }

    private Path first(List<Place> searched, String file) {
        for (Place place : searched) {
            for (Path folder : place.folders()) {
                if (isLibrary(folder.resolve(file))) {
                    return folder.resolve(file);
                }
            }
        }
        return null;
    }

    private boolean isLibrary(Path file) {
        return host.windows() ? Files.isRegularFile(file) : ElfFile.isLibrary(file);
    }

    private String fileName(String stem, int major) {
        return host.windows() ? stem + "64_" + major + ".dll" : "lib" + stem + ".so." + major;
    }

    private static CudaLibrary library(String name, Path path, int major) {
        return path == null ? null : CudaLibrary.of(name, path, Integer.toString(major));
    }

    private static List<String> titles(List<Place> searched) {
        return searched.stream().map(Place::title).toList();
    }

    /** Device files may appear only with the first use of the driver, so a card on the bus counts as well. */
    private boolean deviceThere() {
        for (String file : List.of("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/proc/driver/nvidia/version")) {
            if (Files.exists(host.system(file))) {
                return true;
            }
        }
        for (Path device : LibraryPlaces.entries(host.system("/sys/bus/pci/devices"), "*")) {
            if (text(device.resolve("vendor")).startsWith("0x10de")) {
                return true;
            }
        }
        return false;
    }

    private String driverVersion(Path library) {
        if (library == null || host.windows()) {
            return "";
        }
        Matcher kernel = DRIVER_VERSION.matcher(text(host.system("/proc/driver/nvidia/version")));
        if (kernel.find()) {
            return kernel.group(1);
        }
        try {
            Matcher name =
                    DRIVER_VERSION.matcher(library.toRealPath().getFileName().toString());
            return name.find() ? name.group(1) : "";
        } catch (IOException e) {
            // The version is only told to people.
            return "";
        }
    }

    private static String text(Path file) {
        try {
            return Files.isReadable(file) ? new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            // As if it were not there: both only make a message better.
            return "";
        }
    }
}
