package dev.sam2j.cuda.library;

import dev.sam2j.BackendException;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** JCuda's own libraries: read from its jars and, for CUDA 13, retargeted. */
final class JCudaFiles {
    /** Version of JCuda, part of its files' names. */
    static final String VERSION = "12.6.0";

    static final String DRIVER = "JCudaDriver";
    static final String CUBLAS = "JCublas2";

    private JCudaFiles() {}

    /** A library's file name. */
    static String fileName(String library, Host host) {
        String name = library + "-" + VERSION + "-" + host.platform();
        return host.windows() ? name + ".dll" : "lib" + name + ".so";
    }

    /** Whether the libraries for a platform are on the class path. */
    static boolean present(Host host) {
        ClassLoader loader = JCudaFiles.class.getClassLoader();
        return loader.getResource("lib/" + fileName(DRIVER, host)) != null
                && loader.getResource("lib/" + fileName(CUBLAS, host)) != null;
    }

    /**
     * File names and contents for a release of CUDA.
     *
     * @throws BackendException if one is missing or cannot be retargeted
     */
    static Map<String, byte[]> forCuda(int major, Host host) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String library : new String[] {DRIVER, CUBLAS}) {
            String name = fileName(library, host);
            try (InputStream stream = JCudaFiles.class.getClassLoader().getResourceAsStream("lib/" + name)) {
                if (stream == null) {
                    throw new BackendException("CUDA: " + name + " is not on the class path");
                }
                byte[] content = stream.readAllBytes();
                if (library.equals(CUBLAS) && major != 12) {
                    content = ElfRetarget.replaceNeeded(name, content, "libcublas.so.12", "libcublas.so." + major);
                }
                files.put(name, content);
            } catch (IOException e) {
                throw new BackendException("CUDA: " + name + " cannot be prepared: " + e.getMessage());
            }
        }
        return files;
    }
}
