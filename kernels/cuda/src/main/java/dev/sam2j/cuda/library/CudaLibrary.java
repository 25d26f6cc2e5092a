package dev.sam2j.cuda.library;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A library of CUDA that was found.
 *
 * @param name what it is called: {@code driver}, {@code cuBLAS}, {@code cuBLASLt}, {@code cuDNN}
 * @param path absolute path of the file
 * @param version its version as far as names tell it, at least the major number
 */
public record CudaLibrary(String name, Path path, String version) {
    private static final Pattern FILE_VERSION = Pattern.compile("\\.so\\.(\\d+(?:\\.\\d+)*)$");
    private static final Pattern PACKAGE = Pattern.compile("nvidia_([a-z]+)[a-z0-9_]*-(\\d+(?:\\.\\d+)*)\\.dist-info");

    /** A library whose version is that of the file that links lead to, or of the Python package it belongs to. */
    static CudaLibrary of(String name, Path path, String major) {
        String version = major;
        try {
            Matcher matcher =
                    FILE_VERSION.matcher(path.toRealPath().getFileName().toString());
            if (matcher.find() && matcher.group(1).length() > major.length()) {
                version = matcher.group(1);
            } else {
                version = packageVersion(name, path, major);
            }
        } catch (IOException e) {
            // The file vanished since it was found; whoever loads it will say so.
            version = major;
        }
        return new CudaLibrary(name, path, version);
    }

    /** The version in {@code site-packages/nvidia_cublas_cu12-12.6.4.1.dist-info}, beside {@code nvidia/cublas/lib}. */
    private static String packageVersion(String name, Path path, String major) {
        Path nvidia = path.getParent();
        while (nvidia != null && nvidia.getFileName() != null && !nvidia.endsWith("nvidia")) {
            nvidia = nvidia.getParent();
        }
        if (nvidia == null || nvidia.getFileName() == null) {
            return major;
        }
        String part = name.equals("cuDNN") ? "cudnn" : "cublas";
        for (Path entry : LibraryPlaces.entries(nvidia.resolveSibling("."), "nvidia_*.dist-info")) {
            Matcher matcher = PACKAGE.matcher(entry.getFileName().toString());
            if (matcher.matches()
                    && matcher.group(1).equals(part)
                    && matcher.group(2).startsWith(major + ".")) {
                return matcher.group(2);
            }
        }
        return major;
    }

    @Override
    public String toString() {
        return name + " " + version + " (" + path + ")";
    }
}
