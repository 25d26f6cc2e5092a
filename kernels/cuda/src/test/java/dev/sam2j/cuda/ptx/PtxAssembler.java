package dev.sam2j.cuda.ptx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/** The assembler of the CUDA toolkit, which needs neither a GPU nor a driver. */
final class PtxAssembler {
    private static final String VERSION = "12.6.0";
    private static final String LIBRARY = "libJNvPTXCompiler-" + VERSION + "-linux-x86_64.so";

    /**
     * What the assembler reports about a kernel.
     *
     * @param serialized whether asynchronous products are waited for one by one, against the kernel's intention
     */
    record Report(int registers, int stackBytes, int spillBytes, int cubinBytes, boolean serialized) {}

    private PtxAssembler() {}

    /** Why there is no assembler on this system, or null. */
    static String unavailableReason() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch");
        return os.contains("linux") && (arch.equals("amd64") || arch.equals("x86_64"))
                ? null
                : "the natives of JNvPTXCompiler are used for linux-x86_64 only, this is " + os + " " + arch;
    }

    /**
     * Loads the library. JCuda looks for it in {@code java.io.tmpdir} and would otherwise write it there, not
     * atomically; so it is unpacked to a folder of this build first, and JCuda is pointed there while it loads.
     */
    static void load() throws IOException {
        Path folder = Path.of("target", "jcuda-" + VERSION).toAbsolutePath();
        Path library = folder.resolve(LIBRARY);
        Files.createDirectories(folder);
        if (!Files.exists(library)) {
            Path part = Files.createTempFile(folder, "part", ".so");
            try (InputStream resource = JNvPTXCompiler.class.getResourceAsStream("/lib/" + LIBRARY)) {
                Files.copy(resource, part, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(part, library, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        String temporary = System.getProperty("java.io.tmpdir");
        try {
            System.setProperty("java.io.tmpdir", folder.toString());
            JNvPTXCompiler.setExceptionsEnabled(false);
        } finally {
            System.setProperty("java.io.tmpdir", temporary);
        }
    }

    /** Assembles for an architecture, or throws with the assembler's messages. */
    static Report assemble(PtxKernel kernel, String architecture) {
        if (!kernel.source().contains(".version")) {
            throw new IllegalArgumentException(
                    kernel.entry() + ": no .version line, which the assembler does not survive");
        }
        byte[] source = (kernel.source() + "\0").getBytes(StandardCharsets.US_ASCII);
        nvPTXCompilerHandle handle = new nvPTXCompilerHandle();
        check(JNvPTXCompiler.nvPTXCompilerCreate(handle, source.length, source), kernel, "create");
        try {
            String[] options = {
                "--gpu-name=" + architecture, "--verbose", "--warn-on-spills", "--warn-on-local-memory-usage"
            };
            int result = JNvPTXCompiler.nvPTXCompilerCompile(handle, options.length, options);
            if (result != 0) {
                throw new AssertionError(kernel.entry() + " for " + architecture + ": " + errors(handle) + "\n"
                        + numbered(kernel.source()));
            }
            return report(information(handle), handle);
        } finally {
            JNvPTXCompiler.nvPTXCompilerDestroy(handle);
        }
    }

    private static Report report(String log, nvPTXCompilerHandle handle) {
        long[] size = new long[1];
        JNvPTXCompiler.nvPTXCompilerGetCompiledProgramSize(handle, size);
        int spills = number(log, "(\\d+) bytes spill stores") + number(log, "(\\d+) bytes spill loads");
        return new Report(
                number(log, "Used (\\d+) registers"),
                number(log, "(\\d+) bytes stack frame"),
                spills,
                (int) size[0],
                log.contains("wgmma.mma_async instructions are serialized"));
    }

    private static int number(String log, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(log);
        if (!matcher.find()) {
            throw new AssertionError("the assembler's report has no \"" + pattern + "\": " + log);
        }
        return Integer.parseInt(matcher.group(1));
    }

    private static String errors(nvPTXCompilerHandle handle) {
        long[] size = new long[1];
        JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(handle, size);
        byte[] log = new byte[(int) size[0] + 1];
        JNvPTXCompiler.nvPTXCompilerGetErrorLog(handle, log);
        return new String(log, StandardCharsets.US_ASCII).strip();
    }

    private static String information(nvPTXCompilerHandle handle) {
        long[] size = new long[1];
        JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(handle, size);
        byte[] log = new byte[(int) size[0] + 1];
        JNvPTXCompiler.nvPTXCompilerGetInfoLog(handle, log);
        return new String(log, StandardCharsets.US_ASCII).strip();
    }

    private static void check(int result, PtxKernel kernel, String call) {
        if (result != 0) {
            throw new AssertionError(kernel.entry() + ": " + call + " failed with " + result);
        }
    }

    private static String numbered(String source) {
        StringBuilder text = new StringBuilder();
        String[] lines = source.split("\n");
        for (int i = 0; i < Math.min(lines.length, 400); i++) {
            text.append(i + 1).append(": ").append(lines[i]).append('\n');
        }
        return text.toString();
    }
}
