package dev.sam2j.predictors.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A long stream in a JVM with a small heap: what is held must not grow with the number of frames. */
class LongStreamTest {
    private static final boolean FULL = Boolean.getBoolean("sam2j.full");
    private static final int FRAMES = FULL ? 2000 : 800;
    private static final int OBJECTS = 3;
    private static final int WARM = 50;
    /** The compiler has done most of its work then. */
    private static final int FIRST = 10 * WARM;

    private static final long MIB = 1 << 20;

    @TempDir
    private Path folder;

    /** What {@link StreamProgram} printed of one frame. */
    private record Sample(int frame, long heap, long resident) {}

    @Test
    void heapAndResidentMemoryStayFlat() throws IOException, InterruptedException {
        List<Sample> samples = run();
        assertEquals(FRAMES, samples.get(samples.size() - 1).frame());
        long heapAtFirst = worstHeap(samples, sample -> sample.frame() <= FIRST);
        long heapAtLast = worstHeap(samples, sample -> sample.frame() > FRAMES - FIRST);
        System.out.println("live heap in bytes: " + heapAtFirst + " up to frame " + FIRST + ", " + heapAtLast
                + " in the last " + FIRST);
        // Live objects after a collection; a kept mask of each frame and object alone would be 30 MiB or more.
        assertTrue(heapAtLast <= heapAtFirst + 2 * MIB, samples.toString());
        if (!FULL) {
            return; // the compiler's own memory is still moving by more than the bound
        }
        long residentAtFirst = usual(samples, FIRST, (FIRST + FRAMES) / 2);
        long residentAtLast = usual(samples, (FIRST + FRAMES) / 2, FRAMES);
        System.out.println(
                "resident bytes: " + residentAtFirst + " in the first half, " + residentAtLast + " in the second");
        // The archive's memories would be 110 MiB or more.
        assertTrue(residentAtLast <= residentAtFirst + 5 * MIB, samples.toString());
    }

    /** The median of the resident bytes: the compiler takes 10 to 30 MB for moments. */
    private static long usual(List<Sample> samples, int after, int until) {
        long[] sorted = samples.stream()
                .filter(sample -> sample.frame() > after && sample.frame() <= until)
                .mapToLong(Sample::resident)
                .sorted()
                .toArray();
        return sorted[sorted.length / 2];
    }

    private static long worstHeap(List<Sample> samples, Predicate<Sample> range) {
        LongStream values = samples.stream()
                .filter(range.and(sample -> sample.frame() >= WARM))
                .mapToLong(Sample::heap);
        return values.max().orElseThrow();
    }

    private List<Sample> run() throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-Xmx256m", "-Xms256m", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), StreamProgram.class.getName()));
        command.addAll(List.of(Integer.toString(FRAMES), Integer.toString(OBJECTS), Integer.toString(WARM)));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(10, TimeUnit.MINUTES), () -> "still running: " + text(output));
        } finally {
            process.destroyForcibly();
        }
        assertEquals(0, process.exitValue(), () -> text(output));
        List<Sample> samples = new ArrayList<>();
        for (String line : Files.readAllLines(output)) {
            String[] words = line.split(" ");
            if (words[0].equals("sample")) {
                samples.add(new Sample(Integer.parseInt(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3])));
            }
        }
        assertFalse(samples.isEmpty(), () -> text(output));
        return samples;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
