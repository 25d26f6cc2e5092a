package dev.sam2j.cuda.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The search over trees of small libraries. */
@DisabledOnOs(OS.WINDOWS)
class CudaSearchTest {
    private static final String SYSTEM = "usr/lib/x86_64-linux-gnu/";

    @TempDir
    Path temporary;

    private Path root;
    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void makeRoot() throws IOException {
        // Links are resolved to tell versions, so the root must not contain any.
        root = temporary.toRealPath();
    }

    @Test
    void saysThatThePlatformCannot() {
        String reason = "CUDA needs Linux or Windows on an x86-64 processor, this is ";
        assertEquals(reason + "Mac OS X on aarch64", find("Mac OS X", "aarch64").unavailableReason());
        assertEquals(reason + "Linux on aarch64", find("Linux", "aarch64").unavailableReason());
        assertEquals(reason + "Mac OS X on x86_64", find("Mac OS X", "x86_64").unavailableReason());
    }

    @Test
    void saysThatThereIsNoDriver() {
        environment.put("LD_LIBRARY_PATH", "/nowhere");
        cublas(SYSTEM, 12);
        // What toolkits bring to link against is no driver.
        library("usr/local/cuda/lib64/stubs/libcuda.so");
        String reason = find().unavailableReason();
        assertTrue(
                reason.startsWith("no NVIDIA driver: libcuda.so.1 not found in LD_LIBRARY_PATH, /usr/lib/x86_64-"),
                reason);
        assertTrue(reason.contains("/usr/lib/wsl/lib"), reason);
        assertEquals(12, find().major());
    }

    @Test
    void aFileOfAnotherKindIsNoDriver() throws IOException {
        Files.createDirectories(root.resolve(SYSTEM));
        Files.writeString(root.resolve(SYSTEM + "libcuda.so.1"), "not a library");
        assertTrue(find().unavailableReason().startsWith("no NVIDIA driver"));
    }

    @Test
    void saysThatThereIsNoDevice() throws IOException {
        library(SYSTEM + "libcuda.so.1");
        cublas(SYSTEM, 12);
        String reason = find().unavailableReason();
        assertTrue(reason.startsWith("no NVIDIA device: the driver's library " + root), reason);
        file("sys/bus/pci/devices/0000:00:01.0/vendor", "0x8086\n");
        assertEquals(reason, find().unavailableReason());
        file("sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de\n");
        assertNull(find().unavailableReason());
    }

    @Test
    void saysWhereCublasWasLookedFor() throws IOException {
        driver("580.159.04");
        environment.put("CUDA_HOME", "/opt/mine");
        library("opt/torch/.venv/lib/python3.12/site-packages/nvidia/cudnn/lib/libcudnn.so.9");
        String reason = find().unavailableReason();
        assertTrue(
                reason.startsWith("no cuBLAS of CUDA 12 or 13: neither libcublas.so.12 nor libcublas.so.13 found in"),
                reason);
        for (String place : List.of(
                "CUDA_HOME",
                "/usr/local/cuda*",
                "/usr/lib64",
                root + "/opt/torch/.venv/lib/python3.12/site-packages")) {
            assertTrue(reason.contains(place), reason);
        }
        assertTrue(reason.endsWith("the system property dev.sam2j.cuda.path can name another folder"), reason);
        assertNotNull(find().cudnn());
    }

    @Test
    void saysThatCublasIsIncomplete() throws IOException {
        driver("580.159.04");
        library(SYSTEM + "libcublas.so.13");
        String reason = find().unavailableReason();
        assertTrue(reason.startsWith("incomplete CUDA libraries: " + root), reason);
        assertTrue(reason.endsWith("without libcublasLt.so.13 in the same folder"), reason);
    }

    @Test
    void saysThatTheDriverIsTooOld() throws IOException {
        driver("550.54.14");
        cublas(SYSTEM, 13);
        assertEquals(
                "old NVIDIA driver: CUDA 13 needs version 580 or later, this is 550.54.14", find().unavailableReason());
        cublas(SYSTEM, 12);
        assertNull(find().unavailableReason());
        file("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.1  Mon\n");
        assertTrue(find().unavailableReason().contains("CUDA 12 needs version 525 or later, this is 470.1"));
    }

    @Test
    void saysThatJcudaIsMissing() throws IOException {
        driver("580.159.04");
        cublas(SYSTEM, 12);
        assertEquals(
                "JCuda's libraries for linux-x86_64 are not on the class path: expected jcuda-natives and "
                        + "jcublas-natives 12.6.0",
                new CudaSearch(host("Linux", "amd64")).run(false).unavailableReason());
    }

    @Test
    void readsTheDriversVersion() throws IOException {
        library(SYSTEM + "libcuda.so.575.51.03");
        Files.createSymbolicLink(root.resolve(SYSTEM + "libcuda.so.1"), Path.of("libcuda.so.575.51.03"));
        file("dev/nvidiactl", "");
        cublas(SYSTEM, 12);
        assertEquals("575.51.03", find().driverVersion());
        file(
                "proc/driver/nvidia/version",
                "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release Build\nGCC version: 12.3.0");
        assertEquals("580.159.04", find().driverVersion());
        assertEquals(
                "driver 580.159.04 (" + root.resolve(SYSTEM + "libcuda.so.1") + ")",
                find().driver().toString());
    }

    @Test
    void prefers12Anywhere() throws IOException {
        driver("580.159.04");
        cublas("usr/local/cuda-13.0/lib64/", 13);
        assertFound(13, "usr/local/cuda-13.0/lib64");
        cublas("usr/lib/python3/dist-packages/nvidia/cublas/lib/", 12);
        assertFound(12, "usr/lib/python3/dist-packages/nvidia/cublas/lib");
        properties.put(
                LibraryPlaces.PROPERTY, root.resolve("usr/local/cuda-13.0").toString());
        assertFound(13, "usr/local/cuda-13.0/lib64");
    }

    /** Each place is filled in turn, from the last to the first of the order. */
    @Test
    void searchesInOrder() throws IOException {
        driver("580.159.04");
        String site = "lib/python3.12/site-packages/nvidia/cublas/lib";
        environment.put("PATH", root.resolve("tools/bin") + ":relative");
        environment.put("HOME", root.resolve("home/me").toString());
        environment.put("CONDA_PREFIX", root.resolve("conda").toString());
        environment.put("CUDA_HOME", root.resolve("toolkit").toString());
        environment.put("CUDA_PATH", root.resolve("other-toolkit").toString());
        environment.put("LD_LIBRARY_PATH", "/nowhere:" + root.resolve("own-libraries"));
        assertEquals(0, find().major());
        next("conda/lib");
        next("opt/torch/.venv/" + site);
        next("usr/lib/python3/dist-packages/nvidia/cublas/lib");
        next("usr/local/lib/python3.11/dist-packages/nvidia/cu12/lib");
        next("home/me/.local/" + site);
        // A link to an environment's Python, which is a link itself.
        file("python/bin/python3.12", "");
        link("venvs/a/bin/python", "../../../python/bin/python3.12");
        link("tools/bin/python3", "../../venvs/a/bin/python");
        next("python/" + site);
        next("venvs/a/" + site);
        next("conda/" + site);
        environment.put("VIRTUAL_ENV", root.resolve("active").toString());
        next("active/" + site);
        next("usr/lib64");
        next(SYSTEM.substring(0, SYSTEM.length() - 1));
        next("opt/cuda/lib64");
        next("usr/local/cuda-9.2/lib64");
        next("usr/local/cuda-12.4/lib64");
        next("usr/local/cuda-12.10/targets/x86_64-linux/lib");
        next("usr/local/cuda/lib64");
        linkerCache("/listed/libcublas.so.12", "/elsewhere/libother.so.1");
        next("listed");
        next("other-toolkit/lib");
        next("toolkit/targets/x86_64-linux/lib");
        next("own-libraries");
        file(
                "proc/self/maps",
                "7f00-7f01 r-xp 00000000 08:01 42   /mapped/libcublas.so.12.6.4.1\n7f02-7f03 rw-p 0 0\n");
        next("mapped");
        properties.put(LibraryPlaces.PROPERTY, root.resolve("chosen").toString());
        next("chosen");
    }

    @Test
    void readsVersionsFromFilesAndPackages() throws IOException {
        driver("580.159.04");
        library(SYSTEM + "libcublas.so.12.6.4.1");
        Files.createSymbolicLink(root.resolve(SYSTEM + "libcublas.so.12"), Path.of("libcublas.so.12.6.4.1"));
        library(SYSTEM + "libcublasLt.so.12");
        String site = "usr/local/lib/python3.12/dist-packages/";
        library(site + "nvidia/cudnn/lib/libcudnn.so.9");
        Files.createDirectories(root.resolve(site + "nvidia_cudnn_cu12-9.5.1.17.dist-info"));
        Files.createDirectories(root.resolve(site + "nvidia_cublas-13.1.1.3.dist-info"));
        CudaInstallation found = find();
        assertEquals("12.6.4.1", found.cublas().version());
        assertEquals("12", found.cublasLt().version());
        assertEquals("9.5.1.17", found.cudnn().version());
        assertEquals(4, found.libraries().size());
        Files.delete(root.resolve(SYSTEM + "libcublas.so.12"));
        cublas(site + "nvidia/cu13/lib/", 13);
        assertEquals("13.1.1.3", find().cublas().version());
    }

    @Test
    void loadsWhatALibraryNeedsBeforeIt() throws IOException {
        TestElf.write(root.resolve("a/libcublas.so.12"), "libcublasLt.so.12", "libcudart.so.12", "libc.so.6");
        TestElf.write(root.resolve("a/libcublasLt.so.12"), "libcuda.so.1", "libcublas.so.12");
        TestElf.write(root.resolve("usr/local/cuda/lib64/libcudart.so.12"), "libm.so.6");
        TestElf.write(root.resolve("a/libc.so.6"));
        assertEquals(
                List.of(
                        root.resolve("a/libcublasLt.so.12"),
                        root.resolve("usr/local/cuda/lib64/libcudart.so.12"),
                        root.resolve("a/libcublas.so.12")),
                CudaLibraries.loadOrder(host("Linux", "amd64"), root.resolve("a/libcublas.so.12")));
    }

    @Test
    void windowsNeedsCuda12() throws IOException {
        environment.put("SystemRoot", root.resolve("Windows").toString());
        environment.put("ProgramFiles", root.resolve("Program Files").toString());
        assertEquals(
                "no NVIDIA driver: nvcuda.dll not found in the system folder",
                find("Windows 11", "amd64").unavailableReason());
        file("Windows/System32/nvcuda.dll", "");
        String reason = find("Windows 11", "amd64").unavailableReason();
        assertTrue(
                reason.startsWith(
                        "no cuBLAS of CUDA 12: neither cublas64_12.dll nor cublas64_13.dll found in NVIDIA GPU"),
                reason);
        String toolkits = "Program Files/NVIDIA GPU Computing Toolkit/CUDA/";
        file(toolkits + "v13.0/bin/x64/cublas64_13.dll", "");
        file(toolkits + "v13.0/bin/x64/cublasLt64_13.dll", "");
        reason = find("Windows 11", "amd64").unavailableReason();
        assertTrue(reason.startsWith("no cuBLAS of CUDA 12: on Windows CUDA 13 ("), reason);
        assertTrue(reason.endsWith("is retargeted on Linux only"), reason);
        file(toolkits + "v12.6/bin/cublas64_12.dll", "");
        file(toolkits + "v12.6/bin/cublasLt64_12.dll", "");
        CudaInstallation found = find("Windows 11", "amd64");
        assertNull(found.unavailableReason());
        assertEquals(
                root.resolve(toolkits + "v12.6/bin/cublas64_12.dll"),
                found.cublas().path());
        assertEquals(
                List.of(found.cublasLt().path(), found.cublas().path()),
                CudaLibraries.loadOrder(
                        host("Windows 11", "amd64"), found.cublas().path()));
    }

    @Test
    void brokenLinkerCachesAreIgnored() throws IOException {
        linkerCache("/listed/libcublas.so.12");
        byte[] cache = Files.readAllBytes(root.resolve("etc/ld.so.cache"));
        Path file = root.resolve("broken");
        for (int length = 0; length < cache.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(cache, length));
            assertTrue(LinkerCache.folders(file, name -> true).size() <= 1);
        }
        ByteBuffer.wrap(cache).order(ByteOrder.nativeOrder()).putInt(20, -1);
        Files.write(file, cache);
        assertEquals(List.of(), LinkerCache.folders(file, name -> true));
        assertEquals(List.of(), LinkerCache.folders(root.resolve("missing"), name -> true));
    }

    private void next(String folder) {
        cublas(folder + "/", 12);
        assertFound(12, folder);
    }

    private void assertFound(int major, String folder) {
        CudaInstallation found = find();
        assertNull(found.unavailableReason());
        assertEquals(major, found.major());
        assertEquals(
                root.resolve(folder).resolve("libcublas.so." + major),
                found.cublas().path());
        assertEquals(
                root.resolve(folder).resolve("libcublasLt.so." + major),
                found.cublasLt().path());
    }

    private CudaInstallation find() {
        return find("Linux", "amd64");
    }

    private CudaInstallation find(String os, String arch) {
        return new CudaSearch(host(os, arch)).run(true);
    }

    private Host host(String os, String arch) {
        // As on Windows, where paths of this machine's form stand for the real ones.
        return new Host(root, os, arch, properties::get, environment::get);
    }

    private void driver(String version) throws IOException {
        library(SYSTEM + "libcuda.so.1");
        file("dev/nvidiactl", "");
        file("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  " + version + "  Tue\n");
    }

    private void cublas(String folder, int major) {
        library(folder + "libcublas.so." + major);
        library(folder + "libcublasLt.so." + major);
    }

    private void library(String path) {
        TestElf.write(root.resolve(path));
    }

    private void file(String path, String text) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        Files.writeString(root.resolve(path), text);
    }

    private void link(String path, String target) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        Files.createSymbolicLink(root.resolve(path), Path.of(target));
    }

    private void linkerCache(String... paths) throws IOException {
        byte[] text = (String.join("\0", paths) + "\0").getBytes(StandardCharsets.US_ASCII);
        int strings = 48 + 24 * paths.length;
        ByteBuffer cache = ByteBuffer.allocate(strings + text.length).order(ByteOrder.nativeOrder());
        cache.put("glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII));
        cache.putInt(20, paths.length).putInt(24, text.length);
        int at = strings;
        for (int i = 0; i < paths.length; i++) {
            cache.putInt(48 + 24 * i + 8, at);
            at += paths[i].length() + 1;
        }
        cache.position(strings).put(text);
        Files.createDirectories(root.resolve("etc"));
        Files.write(root.resolve("etc/ld.so.cache"), cache.array());
    }
}
