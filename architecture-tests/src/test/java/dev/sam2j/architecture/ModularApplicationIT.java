package dev.sam2j.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that is a module, on a module path of the jars: compiled and run as applications are. */
class ModularApplicationIT {
    private static final Path SOURCES = Path.of("src/test/application/drawn");
    private static final List<String> VECTORS = List.of("--add-modules", "jdk.incubator.vector");

    @TempDir
    Path folder;

    @Test
    void predictsAMaskWithVectors() throws Exception {
        assertPredicts(run(Jars.ofApplication(), VECTORS, "cpu"));
    }

    @Test
    void predictsAMaskWithoutTheVectorModule() throws Exception {
        assertPredicts(run(Jars.ofApplication(), List.of(), "auto"));
    }

    @Test
    void cudaIsFoundOnTheModulePathAndUsedWhereItCanBe() throws Exception {
        String output = run(Jars.ofAllModules(), VECTORS, "cuda");
        if (output.contains("cuda cannot be used: ")) {
            assertTrue(output.contains("dev.sam2j.BackendException"), output);
        } else {
            assertPredicts(output);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev.sam2j.common.io", "dev.sam2j.tensor", "dev.sam2j.tensor.nn", "dev.sam2j.hiera"})
    void internalPackagesAreNotSeen(String internal) throws IOException {
        Path source = Files.writeString(folder.resolve("Main.java"), "package drawn; import " + internal + ".*;");
        List<Diagnostic<? extends JavaFileObject>> errors = compile(source, SOURCES.resolve("module-info.java"));
        assertEquals(
                List.of("compiler.err.package.not.visible"),
                errors.stream().map(Diagnostic::getCode).toList(),
                errors::toString);
    }

    private static void assertPredicts(String output) {
        String line =
                output.lines().filter(l -> l.startsWith("iou ")).findFirst().orElse("iou 0");
        assertTrue(Double.parseDouble(line.substring(4)) > 0.9, output);
    }

    private List<Diagnostic<? extends JavaFileObject>> compile(Path... sources) throws IOException {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        List<String> options = List.of(
                "--module-path",
                Jars.path(Jars.ofApplication()),
                "-d",
                folder.resolve("drawn").toString());
        try (StandardJavaFileManager files = javac.getStandardFileManager(diagnostics, null, null)) {
            javac.getTask(null, files, diagnostics, options, null, files.getJavaFileObjects(sources))
                    .call();
        }
        return diagnostics.getDiagnostics().stream()
                .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
                .toList();
    }

    /** What the application prints, on both streams. */
    private String run(List<Path> jars, List<String> options, String device) throws IOException, InterruptedException {
        assertEquals(List.of(), compile(SOURCES.resolve("module-info.java"), SOURCES.resolve("Main.java")));
        List<Path> modules = new ArrayList<>(jars);
        modules.add(folder.resolve("drawn"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx1g", "-Djava.awt.headless=true", "--module-path", Jars.path(modules)));
        command.addAll(options);
        command.addAll(List.of("--module", "drawn/drawn.Main", device));
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES), "the application does not end");
        return Files.readString(output);
    }
}
