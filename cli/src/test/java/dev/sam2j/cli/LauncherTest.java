package dev.sam2j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell script {@code sam2j}, in a folder where everything is built already. */
class LauncherTest {
    private static final Path SHELL = Path.of("/bin/sh");

    @TempDir
    private Path folder;

    private Path script;

    @BeforeEach
    void pretendABuild() throws IOException {
        assumeTrue(Files.isExecutable(SHELL));
        Path root = Files.createDirectory(folder.resolve("sam2j"));
        script = Files.copy(Path.of("..", "sam2j"), root.resolve("sam2j"));
        Path runtime =
                Files.createDirectories(root.resolve("cli").resolve("target").resolve("launcher"));
        for (String name : List.of("pom.xml", "LICENSE", "NOTICE")) {
            Files.createFile(root.resolve(name));
        }
        writeJar(runtime.resolve("sam2j.jar"));
        Files.copy(Cli.SHAPES, folder.resolve("shapes.png"));
    }

    /** A jar that runs the classes under test. */
    private static void writeJar(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Main.class.getName());
        String places = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toUri())
                .map(URI::toASCIIString)
                .collect(Collectors.joining(" "));
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, places);
        try (OutputStream out = Files.newOutputStream(jar)) {
            new JarOutputStream(out, manifest).close();
        }
    }

    /** Runs shell commands in the folder, where {@code sam2j} is the launcher. */
    private Cli.Outcome sh(String commands, String... environment) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("/usr/bin/env", "-i", "PATH=/usr/bin:/bin"));
        words.add("JAVA_HOME=" + System.getProperty("java.home"));
        words.addAll(List.of(environment));
        words.addAll(List.of(SHELL.toString(), "-c", "sam2j() { '" + script + "' \"$@\"; }; " + commands));
        Path out = folder.resolve("stdout");
        Path err = folder.resolve("stderr");
        Process process = new ProcessBuilder(words)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertTrue(process.waitFor(300, TimeUnit.SECONDS), commands);
        String told = Files.readString(err, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("WARNING:"))
                .collect(Collectors.joining("\n"));
        return new Cli.Outcome(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8), told);
    }

    /** Octal escapes, since neither this file's encoding nor the test's locale may matter. */
    @Test
    void namesInAnyScriptNeedNoLocale() throws IOException, InterruptedException {
        String prepare =
                "in=$(printf 'b\\303\\244r \\344\\270\\255.png'); out=$(printf '\\303\\266ut'); cp shapes.png \"$in\"; ";
        Cli.Outcome outcome = sh(
                prepare + "sam2j segment \"$in\" --point 80,54 -o \"$out\" && test -s \"$out/mask_0.png\"", "LANG=C");
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.err().contains("\u00f6ut"), outcome.err());
    }

    @Test
    void namesThatJavaCannotDecodeAreTold() throws IOException, InterruptedException {
        String java = "\"$JAVA_HOME/bin/java\" -jar sam2j/cli/target/launcher/sam2j.jar inspect ";
        Cli.Outcome outcome = sh(java + "\"$(printf 'b\\303\\244r.pt')\"", "LC_ALL=C");
        outcome.failed(2, "set a UTF-8 locale, for example LC_ALL=C.UTF-8");
        outcome = sh("sam2j inspect \"$(printf 'b\\344r.pt')\"");
        outcome.failed(2, "not UTF-8");
    }

    @Test
    void temporaryFilesGoWhereTheEnvironmentSays() throws IOException, InterruptedException {
        Files.createDirectory(folder.resolve("my tmp"));
        String java = "-XshowSettings:properties";
        Cli.Outcome outcome = sh("sam2j --version", "TMPDIR=" + folder.resolve("my tmp"), "SAM2J_JAVA_OPTS=" + java);
        assertTrue(
                (outcome.out() + outcome.err()).contains("java.io.tmpdir = " + folder.resolve("my tmp")),
                outcome.err());
    }
}
