package dev.sam2j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the scripts of the GPU check name must exist: they run only where it is too late to find out. */
class GpuCheckTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Path BUILD = ROOT.resolve("benchmarks/gpu-check");
    private static final Path RUN = ROOT.resolve("benchmarks/bundle/run.sh");
    private static final Path BASH = Path.of("/bin/bash");

    @ParameterizedTest
    @ValueSource(strings = {"benchmarks/gpu-check", "benchmarks/bundle/run.sh", "benchmarks/run-peers"})
    void scriptsAreBash(String script) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(BASH), "there is no bash");
        assertTrue(Files.isExecutable(ROOT.resolve(script)), script);
        assertEquals("", output(0, "-n", ROOT.resolve(script).toString()));
    }

    @Test
    void refusesUnknownOptions() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(BASH), "there is no bash");
        assertTrue(output(2, RUN.toString(), "--nothing").contains("unknown option --nothing"));
        assertTrue(output(2, RUN.toString(), "--device", "tpu").contains("expected cpu or cuda:N, got tpu"));
        assertTrue(output(2, RUN.toString(), "--total").contains("--total: expected a value"));
        assertTrue(output(0, RUN.toString(), "--help").contains("--quick"));
        assertTrue(output(0, BUILD.toString(), "--help").contains("GPU_CHECK_JDK"));
    }

    @Test
    void classesExist() throws IOException {
        Set<String> classes = new TreeSet<>();
        Matcher matcher = Pattern.compile("dev\\.sam2j\\.[a-z0-9]+\\.[A-Z]\\w+").matcher(Files.readString(RUN));
        while (matcher.find()) {
            classes.add(matcher.group());
        }
        // The timing programs are named without their package.
        for (String name : List.of("EncoderTiming", "VideoTiming", "AutomaticMaskTiming")) {
            assertTrue(Files.readString(RUN).contains(name), name);
            classes.add("dev.sam2j.benchmarks." + name);
        }
        assertTrue(
                classes.containsAll(Set.of("dev.sam2j.cli.Main", "dev.sam2j.benchmarks.LeakCheck")), classes::toString);
        for (String name : classes) {
            String file = name.replace('.', '/') + ".java";
            assertTrue(inModules("src/main/java/" + file) || inModules("src/test/java/" + file), name);
        }
    }

    @Test
    void testsAndFilesExist() throws IOException {
        for (String test : List.of(
                "tensor/src/test/java/dev/sam2j/tensor/contract/BackendContract.java",
                "parity-tests/src/test/java/dev/sam2j/parity/ImageParityTest.java",
                "parity-tests/src/test/java/dev/sam2j/parity/VideoParityTest.java",
                "parity-tests/src/test/resources/demo/video_demo_0/case.json",
                "benchmarks/peers/peers.py",
                "benchmarks/peers/transformers_peer.py",
                "benchmarks/peers/table.py")) {
            assertTrue(Files.isRegularFile(ROOT.resolve(test)), test);
        }
        String build = Files.readString(BUILD);
        Matcher modules = Pattern.compile("for module in ([a-z0-9/ -]+); do").matcher(build);
        Set<String> named = new TreeSet<>();
        while (modules.find()) {
            named.addAll(List.of(modules.group(1).split(" ")));
        }
        assertTrue(
                named.containsAll(Set.of("kernels/cpu", "kernels/cuda", "tensor", "parity-tests", "cli")),
                named::toString);
        for (String module : named) {
            assertTrue(Files.isRegularFile(ROOT.resolve(module).resolve("pom.xml")), module);
        }
    }

    /** The launcher has JUnit's version. */
    @Test
    void junitsVersionCanBeRead() throws IOException {
        Matcher version = Pattern.compile("<junit\\.version>6\\.[0-9.]+</junit\\.version>")
                .matcher(Files.readString(ROOT.resolve("pom.xml")));
        assertTrue(version.find());
        assertFalse(version.find());
    }

    private static boolean inModules(String path) throws IOException {
        try (Stream<Path> folders = Files.list(ROOT)) {
            return folders.anyMatch(folder -> Files.isRegularFile(folder.resolve(path)));
        }
    }

    /** Both outputs of bash, which has to end with a status. */
    private static String output(int status, String... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Stream.concat(Stream.of(BASH.toString()), Stream.of(arguments))
                        .toList())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(status, process.exitValue(), text);
        return text;
    }
}
