package dev.sam2j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run over the results of an earlier one that fails or is killed loses nothing, and leaves nothing to the next. */
class RerunTest {
    private static final String DISK = "0,7,10,8,35,33";

    @TempDir
    private Path folder;

    /** All files below a folder with what identifies their contents, hidden ones too. */
    private static TreeMap<String, Integer> contents(Path folder) throws IOException {
        TreeMap<String, Integer> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(file).toString().replace(File.separatorChar, '/');
                contents.put(name, Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    /** Runs a command in another process and kills that as soon as {@code begun} finds something. */
    private void kill(Path out, String begun, Object... args) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        Stream.of(args).map(Object::toString).forEach(words::add);
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!hasHidden(out, begun)) {
            assertTrue(process.isAlive() && System.nanoTime() < end, Files.readString(log));
            Thread.sleep(1);
        }
        process.destroyForcibly().waitFor();
    }

    private static boolean hasHidden(Path out, String begun) {
        try {
            return contents(out).keySet().stream().anyMatch(name -> name.startsWith(".") && name.endsWith(begun));
        } catch (IOException | java.io.UncheckedIOException e) {
            return false; // changes meanwhile
        }
    }

    @Test
    void aKilledTrackLeavesTheEarlierOne() throws Exception {
        Path frames = Clip.folder(folder.resolve("frames"), 4);
        Path many = Clip.folder(folder.resolve("many"), 60);
        Path out = folder.resolve("out");
        Cli.run("track", frames, "-o", out, "--box", DISK, "--per-object").done();
        Files.writeString(out.resolve("masks").resolve("notes.txt"), "mine");
        TreeMap<String, Integer> before = contents(out);
        kill(out, "masks/00001.png", "track", many, "-o", out, "--box", DISK);
        TreeMap<String, Integer> after = contents(out);
        assertNotEquals(before, after, "there are leftovers");
        after.keySet().removeIf(name -> name.startsWith("."));
        assertEquals(before, after);
        Cli.run("track", frames, "-o", out, "--box", DISK, "--overlay", "none").done();
        assertEquals(
                Set.of(
                        "masks/00000.png",
                        "masks/00001.png",
                        "masks/00002.png",
                        "masks/00003.png",
                        "masks/notes.txt",
                        "tracks.json"),
                contents(out).keySet());
    }

    @Test
    void aTrackThatStopsGoesBesideTheEarlierOne() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 4);
        Path out = folder.resolve("out");
        Cli.run("track", frames, "-o", out, "--box", DISK).done();
        TreeMap<String, Integer> before = contents(out);
        Files.writeString(frames.resolve("00002.png"), "no picture");
        for (int i = 0; i < 2; i++) {
            Cli.Outcome outcome = Cli.run("track", frames, "-o", out, "--box", DISK, "--overlay", "none");
            assertEquals(1, outcome.code());
            assertTrue(outcome.err().contains("until then is in " + out.resolve("partial")), outcome.err());
        }
        TreeMap<String, Integer> after = contents(out);
        assertEquals(
                Set.of("partial/masks/00000.png", "partial/masks/00001.png", "partial/tracks.json"),
                after.tailMap("partial/", true).headMap("q").keySet());
        after.keySet().removeIf(name -> name.startsWith("partial/"));
        assertEquals(before, after);
        Cli.run("track", Clip.folder(folder.resolve("other"), 3), "-o", out, "--box", DISK, "--overlay", "none")
                .done();
        assertEquals(Set.of("masks", "tracks.json"), Cli.names(out));
    }

    @Test
    void logitsThatCannotBeWrittenStopATrackWithAReport() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 4);
        Path out = folder.resolve("out");
        Files.createDirectories(out.resolve("step001.safetensors"));
        Cli.Outcome outcome = Cli.run("track", frames, "-o", out, "--box", DISK, "--overlay", "none", "--logits");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("step001.safetensors cannot be written: it is a folder"), outcome.err());
        assertFalse(Cli.json(out.resolve("tracks.json")).get("complete").asBoolean());
        assertEquals(
                "after frame 0",
                Cli.json(out.resolve("tracks.json")).get("stopped").get("where").asText());
    }

    @Test
    void aKilledSegmentLeavesTheEarlierResult() throws Exception {
        Path out = folder.resolve("out");
        Cli.run("segment", Cli.SHAPES, "--point", "80,54", "-o", out).done();
        TreeMap<String, Integer> before = contents(out);
        kill(out, "mask_0.png", "segment", Cli.SHAPES, "--box", "20,20,140,90", "--logits", "-o", out);
        TreeMap<String, Integer> after = contents(out);
        assertNotEquals(before, after, "there are leftovers");
        after.keySet().removeIf(name -> name.startsWith("."));
        assertEquals(before, after);
        Cli.run("segment", Cli.SHAPES, "--point", "80,54", "--single", "-o", out)
                .done();
        assertEquals(Set.of("mask_0.png", "overlay.png", "cutout.png", "result.json"), Cli.names(out));
    }

    @Test
    void aVideoOfABenchmarkIsReplacedAtOnce() throws IOException {
        Path frames = folder.resolve("frames");
        Clip.folder(frames.resolve("clip"), 4);
        Path masks = folder.resolve("masks");
        Path out = folder.resolve("out");
        Files.createDirectories(masks.resolve("clip"));
        dev.sam2j.predictors.mask.MaskPng.write(
                dev.sam2j.predictors.mask.LabelMap.ofMasks(Clip.WIDTH, Clip.HEIGHT, List.of(Clip.disk(0))),
                masks.resolve("clip").resolve("00000.png"));
        Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out).done();
        TreeMap<String, Integer> before = contents(out);
        Files.writeString(frames.resolve("clip").resolve("00002.png"), "no picture");
        assertEquals(
                1,
                Cli.run("vos", "--frames", frames, "--masks", masks, "-o", out).code());
        assertEquals(before, contents(out));
    }

    /** The root has no name. */
    @Test
    void theRootFolderIsNoPicture() {
        Path root = folder.getRoot();
        Cli.run("segment", root, "--point", "1,2", "-o", folder.resolve("o")).failed(1, root.toString(), "folder");
    }
}
