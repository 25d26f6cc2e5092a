package dev.sam2j.cuda.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sam2j.BackendException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import jcuda.JCudaVersion;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Loading on the machine that runs the tests, whatever it has. */
class CudaLibrariesTest {
    @TempDir
    Path folder;

    @Test
    void jcudasVersionIsTheOneInItsFilesNames() {
        assertEquals(JCudaVersion.get(), JCudaFiles.VERSION);
    }

    @Test
    void loadsOrSaysWhyNot() {
        String reason = CudaLibraries.unavailableReason();
        if (reason != null) {
            String message =
                    assertThrows(BackendException.class, CudaLibraries::load).getMessage();
            assertEquals("CUDA cannot be used: " + reason, message);
            return;
        }
        LoadedLibraries loaded = CudaLibraries.load();
        assertEquals(loaded, CudaLibraries.load());
        assertTrue(Files.isRegularFile(loaded.natives().resolve(JCudaFiles.fileName("JCublas2", Host.current()))));
    }

    /** Needs cuBLAS but neither a driver nor a device: it runs wherever the search finds cuBLAS. */
    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void jcudaAnswersThroughTheCublasThatWasFound() {
        Host host = Host.current();
        CudaInstallation found = CudaLibraries.find();
        assumeTrue(found.cublas() != null, "no cuBLAS on this machine");
        if (found.unavailableReason() == null) {
            CudaLibraries.load();
        } else {
            CudaLibraries.loadOrder(host, found.cublas().path()).forEach(library -> System.load(library.toString()));
            Map<String, byte[]> files = JCudaFiles.forCuda(found.major(), host);
            Path natives = NativeFiles.unpack(folder, "natives", files);
            String temporary = System.getProperty("java.io.tmpdir");
            JCudaLoader.initialize(natives, () -> JCublas2.setExceptionsEnabled(false));
            assertEquals(temporary, System.getProperty("java.io.tmpdir"));
        }
        int[] version = new int[1];
        JCublas2.cublasGetVersion(new cublasHandle(), version);
        System.out.println("cuBLAS " + version[0] + " of " + found.cublas().path());
        assertEquals(found.major(), version[0] / 10_000, "version " + version[0]);
        assertNotNull(found.cublasLt());
    }
}
