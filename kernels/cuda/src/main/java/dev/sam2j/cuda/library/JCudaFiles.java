package dev.sam2j.cuda.library;

import dev.sam2j.BackendException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.LinkedHashMap;
import java.util.Map;

/** JCuda's own libraries: read from jars and, for CUDA 13, retargeted. */
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
        return resource(fileName(DRIVER, host)) != null && resource(fileName(CUBLAS, host)) != null;
    }

    /** Linux's lie in the jar of this class, others in jars of JCuda's; null if there is none. */
    private static URL resource(String name) {
        URL own = JCudaFiles.class.getResource("/lib/" + name);
        return own != null ? own : JCudaFiles.class.getClassLoader().getResource("lib/" + name);
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
            URL resource = resource(name);
            if (resource == null) {
                throw new BackendException("CUDA: " + name + " is not on the class path");
            }
            try (InputStream stream = resource.openStream()) {
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
