package dev.sam2j.cuda.library;

import dev.sam2j.BackendException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;

/** Initialises JCuda's classes from files that are there already. The only class of the search that touches JCuda. */
final class JCudaLoader {
    private static final String TEMPORARY = "java.io.tmpdir";

    private JCudaLoader() {}

    /**
     * Initialises the classes. JCuda looks for its libraries in the folder of the property {@code java.io.tmpdir} and
     * writes them there only if they are missing, so the property names our folder for that moment.
     *
     * @param folder folder that holds JCuda's libraries
     * @throws BackendException if they cannot be loaded, with the linker's reason
     */
    static void initialize(Path folder) {
        initialize(folder, () -> {
            JCudaDriver.setExceptionsEnabled(false);
            JCublas2.setExceptionsEnabled(false);
        });
    }

    static synchronized void initialize(Path folder, Runnable use) {
        settleTemporaryFolder(folder);
        String before = System.setProperty(TEMPORARY, folder.toString());
        try {
            use.run();
        } catch (LinkageError e) {
            throw new BackendException("CUDA: JCuda's libraries cannot be loaded from " + folder + ": " + reason(e));
        } finally {
            if (before == null) {
                System.clearProperty(TEMPORARY);
            } else {
                System.setProperty(TEMPORARY, before);
            }
        }
    }

    /** Java's makers of temporary files read the property once, when first used: let that be before we change it. */
    private static void settleTemporaryFolder(Path folder) {
        try {
            Files.delete(Files.createTempFile(folder, "", ".part"));
            Files.delete(File.createTempFile("sam2j", ".part", folder.toFile()).toPath());
        } catch (IOException e) {
            // They have read it nevertheless; a complete folder may well be read-only.
            return;
        }
    }

    /** The linker's sentence; JCuda wraps it in a report of many lines. */
    private static String reason(LinkageError error) {
        String message = String.valueOf(error.getMessage());
        String found = message.lines().findFirst().orElse("");
        for (String line : message.lines().toList()) {
            String marker = "UnsatisfiedLinkError: ";
            int at = line.indexOf(marker);
            if (at >= 0 && !line.contains("java.library.path")) {
                found = line.substring(at + marker.length());
            }
        }
        return found;
    }
}
